import type { Logger } from 'pino';
import type { ControlledDirector } from '../api/server.ts';
import { ViprError } from '../model/error.ts';

/** SIGHUP from now on: the director reads its configuration again. What comes of it, the log tells. */
export class ReloadSignal {
  readonly #logger: Logger;
  readonly #onSignal: () => void;
  #director: Pick<ControlledDirector, 'reload'> | undefined;
  /** Whether a signal came before the director had its first configuration. */
  #early = false;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.#onSignal = () => {
      if (this.#director === undefined) this.#early = true;
      else this.#reload(this.#director);
    };
    process.on('SIGHUP', this.#onSignal);
  }

  /** Begins with the reloads, once the director runs. */
  begin(director: Pick<ControlledDirector, 'reload'>): void {
    this.#director = director;
    if (this.#early) this.#reload(director);
  }

  /** Gives the signal its usual effect back. */
  dispose(): void {
    process.off('SIGHUP', this.#onSignal);
  }

  #reload(director: Pick<ControlledDirector, 'reload'>): void {
    this.#logger.info('SIGHUP: the configuration is read again');
    director.reload().catch((error: unknown) => {
      // What is a ViprError, the director has told.
      if (!(error instanceof ViprError)) this.#logger.error({ err: error }, 'reload');
    });
  }
}
