import type { Config } from './config.ts';
import { ConfigInvalidError } from './config-problem.ts';
import { hostEnvironment } from './keepalived/load-keepalived-config.ts';
import { parseKeepalivedConfig } from './keepalived/parse-keepalived-config.ts';
import { looksLikeKeepalived } from './looks-like-keepalived.ts';
import { parseConfig } from './parse-config.ts';
import { readConfigText } from './read-config-text.ts';

export { parseConfig } from './parse-config.ts';

/**
 * Reads a configuration: a vipr.yaml, or a keepalived.conf, which its name or its first line tells. Throws CONFIG_UNREADABLE, or
 * CONFIG_INVALID with everything that is wrong in it. A file without a character is one that is just being written, as
 * `cat new > file` does it; as a configuration without services it would take all of them away.
 */
export async function loadConfig(path: string): Promise<Config> {
  const text = await readConfigText(path);
  if (text.trim() === '')
    throw new ConfigInvalidError([{ file: path, line: 1, column: 1, path: '', message: EMPTY }]);
  return looksLikeKeepalived(path, text)
    ? parseKeepalivedConfig(text, path, hostEnvironment(path))
    : parseConfig(text, path);
}

const EMPTY = 'the file is empty; a configuration without services says so: services: []';
