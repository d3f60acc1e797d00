/** What a keepalived.conf depends on besides its own text. */
export interface KeepalivedEnvironment {
  /** What `@name` is compared with, and `${_INSTANCE}`: the host's name up to its first dot, as for `keepalived` without `-i`. */
  readonly configId: string;
  /** The directory that relative paths of the main file are meant from. */
  readonly directory: string;
  /** Files that a pattern of an `include` means, sorted, each with an absolute path; patterns are those of glob(7) with braces. */
  readonly findFiles: (pattern: string, directory: string) => readonly string[];
  /** The text of a file, or why it cannot be read. */
  readonly readFile: (path: string) => { readonly text: string } | { readonly reason: string };
  /** The value of an environment variable, for `${_ENV name}`. */
  readonly variable: (name: string) => string | undefined;
  /** A whole number from `least` to `most`, for `${_RANDOM}`. */
  readonly random: (least: number, most: number) => number;
  readonly userExists: (name: string) => boolean;
}
