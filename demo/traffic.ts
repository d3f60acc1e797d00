import { Resolver } from 'node:dns/promises';
import http from 'node:http';

/** How many answers each real server gave, and how many requests had none. */
export interface Tally {
  readonly answers: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
}

/** Sends HTTP requests, each on a connection of its own, `atOnce` at a time. */
export function httpTraffic(address: string, port: number, requests: number, atOnce: number): Promise<Tally> {
  return tally(requests, atOnce, () => get(address, port));
}

/** Asks for a TXT record, each time from a new socket, `atOnce` at a time. */
export function dnsTraffic(address: string, port: number, questions: number, atOnce: number): Promise<Tally> {
  return tally(questions, atOnce, async () => {
    const resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`${address}:${port}`]);
    const [record] = await resolver.resolveTxt('who.example');
    return record?.join('') ?? 'nobody';
  });
}

export function describe({ answers, failures }: Tally): string {
  const counts = [...answers].sort(([one], [other]) => one.localeCompare(other));
  const text = counts.map(([name, count]) => `${name} ${count}`).join(', ');
  return failures.length === 0
    ? `${text}; none failed`
    : `${text}; ${failures.length} failed: ${failures[0]}`;
}

async function tally(total: number, atOnce: number, ask: () => Promise<string>): Promise<Tally> {
  const answers = new Map<string, number>();
  const failures: string[] = [];
  let left = total;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      try {
        const name = await ask();
        answers.set(name, (answers.get(name) ?? 0) + 1);
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { answers, failures };
}

function get(address: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: address, port, agent: false, timeout: 5000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('end', () => resolve(body.trim()));
      response.once('error', reject);
    });
    request.once('timeout', () => request.destroy(new Error('no answer within 5 s')));
    request.once('error', reject);
  });
}
