// Opens connections to echo servers, spread evenly over the targets, and exchanges a line on each again and again. At SIGUSR1 it waits
// until each that is still there has exchanged another one, and prints an OpenConnectionsReport.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadTarget } from './load-target.ts';
import type { OpenConnectionsOptions, OpenConnectionsReport } from './open-connections.ts';

const { targets, count, intervalMs, limitMs } = JSON.parse(process.argv[2] ?? '') as OpenConnectionsOptions;
/** Connections that are opened at a time. */
const AT_ONCE = 50;
const LINE_BYTES = 64;

class Exchange {
  readonly target: LoadTarget;
  readonly #socket: Socket;
  readonly #number: number;
  #round = 0;
  #sent = '';
  #heard = '';
  #sentAt = 0;
  #longestMs = 0;
  /** Why the connection is lost. */
  cause: string | undefined;
  #whenAnswered = new Set<() => void>();

  constructor(target: LoadTarget, number: number) {
    this.target = target;
    this.#number = number;
    const { address: host, port, from: localAddress } = target;
    this.#socket = connect({ host, port, localAddress, noDelay: true })
      .setEncoding('latin1')
      .on('data', (text: string) => this.#take(text))
      .on('error', ({ code = 'error' }: NodeJS.ErrnoException) => this.#lose(code))
      .on('close', () => this.#lose('ended'));
  }

  /** Resolves when the first line is exchanged; rejects where the connection cannot be opened. */
  async begin(): Promise<void> {
    await once(this.#socket, 'connect');
    this.#say();
    await this.answered();
  }

  /** Resolves with the next answer, or when the connection is lost. */
  answered(): Promise<void> {
    return new Promise((resolve) => {
      if (this.cause === undefined) this.#whenAnswered.add(resolve);
      else resolve();
    });
  }

  /** The longest time in milliseconds that a line took, since this was asked last. */
  takeLongest(): number {
    const longest = this.#longestMs;
    this.#longestMs = 0;
    return longest;
  }

  #say(): void {
    if (this.cause !== undefined) return;
    this.#round += 1;
    this.#sent = `${this.#number} ${this.#round} `.padEnd(LINE_BYTES - 1, `${this.#round}`).concat('\n');
    this.#heard = '';
    this.#sentAt = performance.now();
    this.#socket.write(this.#sent, 'latin1');
  }

  #take(text: string): void {
    this.#heard += text;
    if (this.#heard.length < LINE_BYTES) return;
    if (this.#heard !== this.#sent) {
      this.#lose('other bytes');
      return;
    }
    this.#longestMs = Math.max(this.#longestMs, performance.now() - this.#sentAt);
    this.#settle();
    setTimeout(() => this.#say(), intervalMs * (0.5 + (this.#number % 100) / 100));
  }

  #lose(cause: string): void {
    this.cause ??= cause;
    this.#socket.destroy();
    this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#whenAnswered) resolve();
    this.#whenAnswered.clear();
  }
}

const exchanges: Exchange[] = [];
let next = 0;

async function openSome(): Promise<void> {
  for (;;) {
    const number = next++;
    const target = targets[number % targets.length];
    if (number >= count || target === undefined) return;
    const exchange = new Exchange(target, number);
    exchanges.push(exchange);
    await exchange.begin();
  }
}

async function report(): Promise<OpenConnectionsReport> {
  const limit = sleep(limitMs);
  const late = new Set<Exchange>();
  await Promise.all(
    exchanges.map(async (exchange) => {
      late.add(exchange);
      // The one that is under way may have been answered before the question.
      const twice = exchange.answered().then(() => exchange.answered());
      await Promise.race([twice.then(() => late.delete(exchange)), limit]);
    }),
  );
  const lost: Record<string, number> = {};
  const longestMs: Record<string, number> = {};
  for (const exchange of exchanges) {
    const { target, cause = late.has(exchange) ? 'silent' : undefined } = exchange;
    longestMs[target.name] = Math.max(longestMs[target.name] ?? 0, Math.round(exchange.takeLongest()));
    if (cause === undefined) continue;
    const what = `${target.name}: ${cause}`;
    lost[what] = (lost[what] ?? 0) + 1;
  }
  return { opened: exchanges.length, lost, longestMs };
}

// Also when every connection is lost.
setInterval(() => {}, 60_000);
process.on('SIGUSR1', async () => console.log(JSON.stringify(await report())));
await Promise.all(Array.from({ length: AT_ONCE }, openSome));
console.log(JSON.stringify(await report()));
