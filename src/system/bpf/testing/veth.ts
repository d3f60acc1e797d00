import { spawnSync } from 'node:child_process';
import { CLONE_NEWNET, SOCK_CLOEXEC, SOCK_RAW } from '../../constants.ts';
import { close, sendto, socket, unshare } from '../../libc.ts';
import { SystemCallError } from '../../system-call-error.ts';
import { BpfAttribute } from '../bpf-attribute.ts';

const AF_PACKET = 17;

/** The two ends of a pair of devices, by number. */
export interface Veth {
  readonly name: string;
  readonly ifindex: number;
  readonly peerName: string;
  readonly peerIfindex: number;
}

/**
 * Takes the calling thread into a network namespace of its own, which ends with the process, and makes a pair of devices there. Both
 * are up, without addresses: nothing but what a test sends is on them. Returns why that cannot be, for a skip.
 */
export function makeVeth(): Veth | string {
  if (unshare(CLONE_NEWNET) !== 0)
    return `needs a network namespace of its own: ${new SystemCallError('unshare').message}`;
  for (const words of [
    'link add vipr0 type veth peer name vipr1',
    'link set vipr0 addrgenmode none up',
    'link set vipr1 addrgenmode none up',
  ]) {
    const run = spawnSync('ip', words.split(' '), { encoding: 'utf8' });
    if (run.status !== 0) return `needs ip and veth: ${run.error?.message ?? run.stderr.trim()}`;
  }
  return { name: 'vipr0', ifindex: indexOf('vipr0'), peerName: 'vipr1', peerIfindex: indexOf('vipr1') };
}

/** By rtnetlink's view of this thread, as sysfs shows the namespace that it was mounted in. */
function indexOf(name: string): number {
  const run = spawnSync('ip', ['-j', 'link', 'show', 'dev', name], { encoding: 'utf8' });
  return JSON.parse(run.stdout)[0].ifindex;
}

/** Sends a frame out of one end, so that the other one receives it. */
export function sendFrame(ifindex: number, frame: Uint8Array): void {
  const fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new SystemCallError('socket');
  // struct sockaddr_ll: family, protocol, interface, and nothing that a raw frame needs.
  const address = new BpfAttribute(20).setU32(0, AF_PACKET).setU32(4, ifindex).bytes;
  try {
    if (sendto(fd, frame, frame.length, 0, address, address.length) < 0) throw new SystemCallError('sendto');
  } finally {
    close(fd);
  }
}
