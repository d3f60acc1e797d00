// Opens a new connection to an echo server of each target every INTERVAL ms, and ends it when a byte came back, or after TIMEOUT ms. At
// SIGUSR1 it prints the Attempts since the last time.
import { connect } from 'node:net';
import type { LoadTarget } from './load-target.ts';
import type { Attempt, ProbeOptions } from './probe.ts';

const { targets, intervalMs, timeoutMs } = JSON.parse(process.argv[2] ?? '') as ProbeOptions;
let attempts: Attempt[] = [];

function attempt({ name, address: host, port, from: localAddress }: LoadTarget): void {
  const began = now();
  let failure: string | undefined = 'timeout';
  const socket = connect({ host, port, localAddress, noDelay: true })
    .on('connect', () => socket.write('?'))
    .on('data', () => {
      failure = undefined;
      // Not in order: then ports would wait for old packets on the client.
      socket.resetAndDestroy();
    })
    .on('error', ({ code }: NodeJS.ErrnoException) => {
      failure = code ?? 'error';
    })
    .on('close', () => {
      clearTimeout(limit);
      attempts.push({ target: name, began, ended: now(), ...(failure !== undefined && { failure }) });
    });
  const limit = setTimeout(() => socket.destroy(), timeoutMs);
}

/** Milliseconds of the system's monotonic clock, which is the same for all processes. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

process.on('SIGUSR1', () => {
  console.log(JSON.stringify(attempts));
  attempts = [];
});
for (const [index, target] of targets.entries()) {
  setTimeout(() => setInterval(attempt, intervalMs, target), (index * intervalMs) / targets.length);
}
console.log('[]');
