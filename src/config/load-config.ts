import type { Config } from './config.ts';
import { hostEnvironment } from './keepalived/load-keepalived-config.ts';
import { parseKeepalivedConfig } from './keepalived/parse-keepalived-config.ts';
import { loadYamlConfig } from './load-yaml-config.ts';
import { looksLikeKeepalived } from './looks-like-keepalived.ts';
import { readConfigText } from './read-config-text.ts';

export { parseConfig } from './parse-config.ts';

/**
 * Reads a configuration: a vipr.yaml, or a keepalived.conf, which its name or its first line tells. Throws CONFIG_UNREADABLE, or
 * CONFIG_INVALID with everything that is wrong in it.
 */
export async function loadConfig(path: string): Promise<Config> {
  const text = await readConfigText(path);
  if (looksLikeKeepalived(path, text)) return parseKeepalivedConfig(text, path, hostEnvironment(path));
  return loadYamlConfig(path);
}
