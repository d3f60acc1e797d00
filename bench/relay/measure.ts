import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hardDescriptorLimit, type ProcessGroup, run } from '../process-group.ts';
import type { Contestant } from './contestant.ts';

const SECONDS = 4;
/** 10,000, or as many as the hard limit on open files leaves room for at two descriptors each. */
const IDLE_CONNECTIONS = Math.min(10_000, Math.floor((hardDescriptorLimit() - 400) / 2));

/** One figure of one proxy. */
export interface Figure {
  readonly value: number;
  /** Processor seconds that the proxy spent for each unit of work, in microseconds; absent where that says nothing. */
  readonly userMicroseconds?: number;
  readonly systemMicroseconds?: number;
}

export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** The ratio to nginx that vipr aims at; absent for memory, where less is better. */
  readonly target?: number;
  /** What {@link Figure} divides processor time by. */
  readonly work?: string;
  take(proxy: Contestant, group: ProcessGroup): Promise<Figure>;
}

export const measures: readonly Measure[] = [
  {
    name: 'requests on kept-alive connections',
    unit: 'requests/s',
    target: 0.9,
    work: 'request',
    take: (proxy, group) => Promise.resolve(wrk(proxy, group, [])),
  },
  {
    name: 'connections, one request each',
    unit: 'connections/s',
    target: 0.6,
    work: 'connection',
    take: (proxy, group) => Promise.resolve(wrk(proxy, group, ['-H', 'Connection: close'])),
  },
  {
    name: 'bulk throughput, two streams',
    unit: 'Gbit/s',
    target: 1.0,
    work: 'MB',
    take: (proxy, group) => Promise.resolve(iperf(proxy, group)),
  },
  {
    name: `memory with ${IDLE_CONNECTIONS} idle connections`,
    unit: 'MB (PSS)',
    take: idle,
  },
];

function wrk(proxy: Contestant, group: ProcessGroup, options: readonly string[]): Figure {
  const before = group.cpu();
  const text = run('wrk', ['-t2', '-c64', `-d${SECONDS}s`, ...options, `http://127.0.0.1:${proxy.http}/`]);
  const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
  const errors = /Socket errors: .*/.exec(text)?.[0];
  const connectErrors = Number(/connect (\d+)/.exec(errors ?? '')?.[1] ?? 0);
  if (!(requests > 0) || connectErrors > 0) throw new Error(`${proxy.name}: wrk reports ${errors ?? text}`);
  return withCpu(requests / SECONDS, group, before, requests);
}

function iperf(proxy: Contestant, group: ProcessGroup): Figure {
  const before = group.cpu();
  const args = ['-c', '127.0.0.1', '-p', `${proxy.bulk}`, '-t', `${SECONDS}`, '-P', '2', '-J'];
  const report = JSON.parse(run('iperf3', args)) as {
    end: { sum_received: { bytes: number; bits_per_second: number } };
  };
  const { bytes, bits_per_second } = report.end.sum_received;
  return withCpu(bits_per_second / 1e9, group, before, bytes / 1e6);
}

async function idle(proxy: Contestant, group: ProcessGroup): Promise<Figure> {
  const program = fileURLToPath(new URL('idle-client.ts', import.meta.url));
  const holder = spawn(
    'sh',
    [
      '-c',
      'ulimit -n 65536 2>/dev/null; exec "$0" "$@"',
      process.execPath,
      program,
      `${proxy.http}`,
      `${IDLE_CONNECTIONS}`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  try {
    const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string];
    if (line !== `${IDLE_CONNECTIONS}`) throw new Error(`${proxy.name}: ${line}`);
    return { value: group.memory() / 1e6 };
  } finally {
    const exited = once(holder, 'exit');
    holder.kill();
    await exited;
  }
}

function withCpu(
  value: number,
  group: ProcessGroup,
  before: ReturnType<ProcessGroup['cpu']>,
  work: number,
): Figure {
  const after = group.cpu();
  return {
    value,
    userMicroseconds: ((after.user - before.user) / work) * 1e6,
    systemMicroseconds: ((after.system - before.system) / work) * 1e6,
  };
}
