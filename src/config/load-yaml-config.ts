import type { Config } from './config.ts';
import { parseConfig } from './parse-config.ts';
import { readConfigText } from './read-config-text.ts';

/** Reads a vipr.yaml. Throws CONFIG_UNREADABLE, or `ConfigInvalidError` with everything that is wrong in it. */
export async function loadYamlConfig(path: string): Promise<Config> {
  return parseConfig(await readConfigText(path), path);
}
