import type { Host } from '../../../test/netns/lab/host.ts';

/** What clients saw that behave. */
export interface Experience {
  readonly requests: number;
  readonly perSecond: number;
  /** Connections that failed or timed out, and answers that were none of success. */
  readonly failures: number;
  /** Milliseconds from the opening of a connection to its answer: of the median request, and of the slowest of a hundred. */
  readonly median: number;
  readonly slow: number;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

/** Asks again and again for `seconds`, each time over a new connection, eight at once. */
export async function goodClients(host: Host, url: string, seconds: number): Promise<Experience> {
  const words = ['-t', '1', '-c', '8', '-d', `${seconds}s`, '--latency', '--timeout', '2s'];
  const text = await host.output(['wrk', ...words, '-H', 'Connection: close', url], {
    limitMs: 1000 * (seconds + 10),
  });
  const socket =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const answers = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? '0';
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1] ?? 0),
    perSecond: Number(/Requests\/sec: +([\d.]+)/.exec(text)?.[1] ?? 0),
    failures: [...socket, answers].reduce((sum, number) => sum + Number(number), 0),
    median: latency(text, '50%'),
    slow: latency(text, '99%'),
  };
}

function latency(text: string, part: string): number {
  const [, value, unit = 'ms'] = new RegExp(`${part} +([\\d.]+)(us|ms|s)`).exec(text) ?? [];
  return Number(value) * (UNITS[unit] ?? 1);
}
