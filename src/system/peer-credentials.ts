import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { basename } from 'node:path';
import { SO_PEERCRED, SOL_SOCKET } from './constants.ts';
import { getsockopt } from './libc.ts';

/** Who opened the other end of a Unix socket: struct ucred of unix(7), as it was when it connected. */
export interface PeerCredentials {
  /** 0 where the process is in another namespace of processes. */
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const UCRED_BYTES = 12;

/** Asks the kernel who is at the other end of a Unix socket; undefined of sockets of another kind, and of closed ones. */
export function peerCredentials(socket: Socket): PeerCredentials | undefined {
  const fd = descriptorOf(socket);
  if (fd === undefined) return undefined;
  const words = new Uint32Array(UCRED_BYTES / 4);
  const length = Uint32Array.of(UCRED_BYTES);
  const failed = getsockopt(
    fd,
    SOL_SOCKET,
    SO_PEERCRED,
    new Uint8Array(words.buffer),
    new Uint8Array(length.buffer),
  );
  const [pid = 0, uid = 0, gid = 0] = words;
  // Sockets of other families answer with nobody: no pid, and the uid -1.
  return failed < 0 || length[0] !== UCRED_BYTES || (pid === 0 && uid === 0xffffffff)
    ? undefined
    : { pid, uid, gid };
}

/** `pid 812 (ipvsadm), uid 0`, for the log; without the name where the process is gone, and `uid 0` where it cannot be seen. */
export function describePeer(socket: Socket): string | undefined {
  const peer = peerCredentials(socket);
  if (peer === undefined) return undefined;
  if (peer.pid === 0) return `uid ${peer.uid}`;
  const name = programOf(peer.pid);
  return `pid ${peer.pid}${name === undefined ? '' : ` (${name})`}, uid ${peer.uid}`;
}

/** Node.js does not tell a socket's descriptor but through its handle. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { readonly _handle?: { readonly fd?: unknown } | null };
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

/** The program of a process; of an interpreter's the script, if its name has the ending of one. */
function programOf(pid: number): string | undefined {
  try {
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const script = /^(?:node|bun|deno|python[\d.]*|perl|(?:ba|da)?sh)$/.test(basename(program))
      ? args.find((argument) => !argument.startsWith('-'))
      : undefined;
    const name = basename(script ?? program).replace(/\.[cm]?[jt]s$/, '');
    // It is the process's own to choose, and goes into a line of the log.
    return name.replaceAll(/[^\w.+-]/g, '?').slice(0, 32) || undefined;
  } catch {
    return undefined;
  }
}
