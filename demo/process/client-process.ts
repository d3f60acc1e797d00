import { Resolver } from 'node:dns/promises';
import type { ClientOrder, Tally, Target } from './client-order.ts';
import { HttpConnection } from './http-connection.ts';

/** The client, a process of its own: does what it is told over IPC, one thing after the other, and answers each order with a tally. */
let held: HttpConnection | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (order: ClientOrder) => {
  void obey(order).then((tally) => process.send?.(tally));
});

function obey(order: ClientOrder): Promise<Tally> {
  switch (order.kind) {
    case 'http':
      return tally(order.requests, 8, () => askOnce(order.target));
    case 'dns':
      return tally(order.requests, 4, () => resolveOnce(order.target));
    case 'hold':
      return tally(1, 1, async () => {
        held = await HttpConnection.open(order.target);
        return held.ask();
      });
    case 'ask':
      return tally(1, 1, async () => (held === undefined ? nothingHeld() : held.ask()));
    case 'reset':
      return tally(0, 1, async () => '').finally(() => held?.reset());
    default:
      throw new Error(`unknown order ${order satisfies never}`);
  }
}

async function tally(total: number, atOnce: number, ask: () => Promise<string>): Promise<Tally> {
  const answers: Record<string, number> = {};
  const failures: string[] = [];
  let left = total;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      try {
        const name = await ask();
        answers[name] = (answers[name] ?? 0) + 1;
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { answers, failures };
}

async function askOnce(target: Target): Promise<string> {
  const connection = await HttpConnection.open(target);
  try {
    return await connection.ask();
  } finally {
    connection.reset();
  }
}

async function resolveOnce({ address, port, from }: Target): Promise<string> {
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`${address}:${port}`]);
  if (from !== undefined) resolver.setLocalAddress(from);
  const [record] = await resolver.resolveTxt('who.example');
  return record?.join('') ?? 'nobody';
}

function nothingHeld(): never {
  throw new Error('there is no connection');
}
