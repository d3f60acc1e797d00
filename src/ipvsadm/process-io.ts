import { writeSync } from 'node:fs';
import type { IpvsadmIo } from './session.ts';

/** Exit code of a process that SIGPIPE ended, as shells give it. */
const BROKEN_PIPE = 128 + 13;

/**
 * This process's standard streams. Output goes straight to the descriptors: process.stdout would take as long to load as
 * the rest of a short command does to run.
 */
export function processIo(): IpvsadmIo {
  return {
    stdin: () => process.stdin.setEncoding('utf8'),
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
  };
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // the reader left, as in `ipvsadm -L | head -1`
      if (code === 'EPIPE') process.exit(BROKEN_PIPE);
      if (code !== 'EAGAIN') throw error;
      pause();
    }
  }
}

/** Gives the reader of a descriptor that does not block a millisecond. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}
