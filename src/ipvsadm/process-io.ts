import { readSync, writeSync } from 'node:fs';
import type { IpvsadmIo } from './session.ts';

/** Bytes of the standard input that are asked for at once. */
const CHUNK_BYTES = 65536;
/** Exit code of a process that SIGPIPE ended, as shells give it. */
const BROKEN_PIPE = 128 + 13;

/**
 * This process's standard streams. Output goes straight to the descriptors: process.stdout would take as long to load as
 * the rest of a short command does to run.
 */
export function processIo(): IpvsadmIo {
  return {
    stdin: readStandardInput,
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
  };
}

/**
 * What comes on the standard input, as it comes. Nothing else has to run meanwhile, so it is waited for in the system call;
 * process.stdin only where the descriptor does not block.
 */
async function* readStandardInput(): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const count = readOrNothing(chunk);
    if (count === undefined) break;
    yield decoder.decode(chunk.subarray(0, count), { stream: count > 0 });
    if (count === 0) return;
  }
  for await (const bytes of process.stdin) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

/** Bytes read; undefined where the descriptor does not block and has none yet. */
function readOrNothing(chunk: Buffer): number | undefined {
  try {
    return readSync(0, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
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
