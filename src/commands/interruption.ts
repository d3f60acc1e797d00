import { setTimeout as sleep } from 'node:timers/promises';

/** Ctrl-C (SIGINT), SIGTERM and SIGHUP, while a command watches something: they end the watching, and the command says what that means. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onSignal = () => this.#controller.abort();

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Waits, in milliseconds; false where the signal came. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
