import type { Config } from './config.ts';
import { loadYamlConfig } from './load-yaml-config.ts';

export { parseConfig } from './parse-config.ts';

/** Reads a configuration of any format that vipr knows. Throws CONFIG_UNREADABLE, or CONFIG_INVALID with everything that is wrong in it. */
export async function loadConfig(path: string): Promise<Config> {
  return loadYamlConfig(path);
}
