import type { ConfigPath, ConfigProblem } from './config-problem.ts';

/** The file or files that a configuration was read from: it knows where each value was written. */
export interface ConfigSource {
  /** As the main file was named when it was read. */
  readonly file: string;
  /**
   * A problem with the value at a path of vipr.yaml, such as `services[0].destinations[1].weight`; other formats know where they
   * say the same. A value that is missing is reported where it should have been.
   */
  problem(path: ConfigPath, message: string): ConfigProblem;
}
