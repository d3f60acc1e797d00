import { readFile } from 'node:fs/promises';
import { ViprError } from '../model/error.ts';

/** The text of a configuration file. Throws CONFIG_UNREADABLE. */
export async function readConfigText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ViprError(
      'CONFIG_UNREADABLE',
      `The configuration ${path} cannot be read: ${(cause as Error).message}.`,
      {
        cause,
        hint: 'Check the path and its permissions.',
        errno: String((cause as NodeJS.ErrnoException).code),
      },
    );
  }
}
