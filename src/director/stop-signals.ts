/** SIGTERM and SIGINT from now on: the first asks for an orderly end, the second for an immediate one. */
export class StopSignals {
  /** The name of the first signal. */
  readonly first: Promise<NodeJS.Signals>;
  readonly second: Promise<NodeJS.Signals>;
  readonly #onSignal: (signal: NodeJS.Signals) => void;

  constructor() {
    const first = Promise.withResolvers<NodeJS.Signals>();
    const second = Promise.withResolvers<NodeJS.Signals>();
    let count = 0;
    this.#onSignal = (signal) => {
      count += 1;
      (count === 1 ? first : second).resolve(signal);
    };
    this.first = first.promise;
    this.second = second.promise;
    process.on('SIGTERM', this.#onSignal);
    process.on('SIGINT', this.#onSignal);
  }

  /** Gives the signals their usual effect back. */
  dispose(): void {
    process.off('SIGTERM', this.#onSignal);
    process.off('SIGINT', this.#onSignal);
  }
}
