import type { Milliseconds } from './unit.ts';

/** A program that a configuration names. It runs without a shell. */
export interface ScriptCommand {
  /** The program's path and its arguments; at least one. */
  readonly argv: readonly string[];
  /** Name of the user that it runs as; absent: the director's own. */
  readonly user?: string;
  /** Name of the group that it runs as; absent: the user's. */
  readonly group?: string;
  /** After this it is ended, with what it started; absent: the caller's limit. */
  readonly timeout?: Milliseconds;
}
