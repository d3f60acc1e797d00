import type { Logger } from 'pino';
import type { ControlledDirector } from '../api/server.ts';
import { ViprError } from '../model/error.ts';

/** SIGHUP from now on: the configuration is read again. What comes of it, the log tells. */
export class ReloadSignal {
  readonly #onSignal: () => void;

  constructor(director: Pick<ControlledDirector, 'ready' | 'reload'>, logger: Logger) {
    this.#onSignal = () => {
      logger.info('SIGHUP: the configuration is read again');
      director
        .ready()
        .then(() => director.reload())
        .catch((error: unknown) => {
          // What is a ViprError, the director has told.
          if (!(error instanceof ViprError)) logger.error({ err: error }, 'reload');
        });
    };
    process.on('SIGHUP', this.#onSignal);
  }

  /** Gives the signal its usual effect back. */
  dispose(): void {
    process.off('SIGHUP', this.#onSignal);
  }
}
