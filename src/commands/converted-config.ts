import { basename } from 'node:path';
import { ConfigInvalidError, formatProblem } from '../config/config-problem.ts';
import { formatConfig } from '../config/format-config.ts';
import { loadKeepalivedConfig } from '../config/keepalived/load-keepalived-config.ts';
import { parseConfig } from '../config/load-config.ts';
import { ViprError } from '../model/error.ts';
import type { CommandContext } from './command-context.ts';
import { tellWarnings } from './tell-warnings.ts';

/**
 * What `vipr convert` writes. Throws CONFIG_UNREADABLE, and CONFIG_INVALID for mistakes, and where the file says what no vipr.yaml can.
 */
export async function convertedConfig(
  file: string,
  context: Pick<CommandContext, 'stderr'>,
): Promise<string> {
  const config = await loadKeepalivedConfig(file);
  tellWarnings(config, context);
  const warnings = config.warnings.map((problem) => `  ${formatProblem(problem)}`);
  const text = formatConfig(config, [
    `What ${basename(file)} says, written by vipr convert.`,
    ...(warnings.length === 0 ? [] : ['Not in it, by line of the original:', ...warnings]),
  ]);
  try {
    parseConfig(text, 'vipr.yaml');
    return text;
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    const lines = error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw new ViprError('CONFIG_INVALID', `${file} says what no vipr.yaml can:\n${lines.join('\n')}`, {
      hint: 'Nothing was written. vipr up --config reads the file as it is.',
    });
  }
}
