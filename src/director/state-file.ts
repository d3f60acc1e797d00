import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import type { Logger } from 'pino';
import {
  type DirectorState,
  decodeState,
  encodeState,
  NO_STATE,
  type StateOrigin,
} from './director-state.ts';

/** What a director remembers, or forgets. */
export interface StateKeeper {
  /** What the last director of this engine left. */
  read(): DirectorState;
  /** Remembers it. What cannot be written is logged. */
  write(state: DirectorState): void;
  /** Tries again what could not be written; to be called every few seconds. */
  retry?(): void;
}

/** Remembers nothing. */
export const FORGETFUL: StateKeeper = { read: () => NO_STATE, write: () => undefined };

/** Remembers in a file, which is replaced whole. */
export class StateFile implements StateKeeper {
  readonly #path: string;
  readonly #origin: StateOrigin;
  readonly #logger: Pick<Logger, 'warn'>;
  #written: string | undefined;
  #unwritten: string | undefined;
  /** What was told last of a failure, so that it is told once. */
  #failure: string | undefined;

  constructor(path: string, origin: StateOrigin, logger: Pick<Logger, 'warn'>) {
    this.#path = path;
    this.#origin = origin;
    this.#logger = logger;
  }

  read(): DirectorState {
    try {
      return decodeState(readFileSync(this.#path, 'utf8'), this.#origin);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#logger.warn(`${this.#path} is passed over: ${(error as Error).message}`);
      }
      return NO_STATE;
    }
  }

  write(state: DirectorState): void {
    this.#write(encodeState(state, this.#origin));
  }

  retry(): void {
    if (this.#unwritten !== undefined) this.#write(this.#unwritten);
  }

  #write(text: string): void {
    this.#unwritten = undefined;
    if (text === this.#written) return;
    try {
      replace(this.#path, text);
      this.#written = text;
      this.#failure = undefined;
    } catch (error) {
      this.#unwritten = text;
      const failure = (error as Error).message;
      if (failure !== this.#failure) {
        this.#logger.warn(
          `drains and ownership are not remembered beyond the end of the director: ${failure}`,
        );
      }
      this.#failure = failure;
    }
  }
}

/** Synchronous: two writings must not overtake each other, and a file of some kilobytes in /run costs little. */
function replace(path: string, text: string): void {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    closeSync(fd);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(fd);
  renameSync(temporary, path);
}
