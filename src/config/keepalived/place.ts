/** Where something is written. */
export interface Place {
  /** As the file was named when it was read. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
}
