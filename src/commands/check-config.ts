import type { EngineChoice } from '../config/config.ts';
import { ConfigInvalidError } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import { chooseEngine } from '../director/engine-choice.ts';
import { loadEngine } from '../director/engine-registry.ts';
import { rehearse } from '../director/rehearse.ts';
import type { CommandContext } from './command-context.ts';
import { tellWarnings } from './tell-warnings.ts';

/** Tells that a configuration is good, or throws CONFIG_INVALID or CONFIG_UNREADABLE. */
export async function checkConfig(
  file: string,
  context: Pick<CommandContext, 'stderr'>,
  engine?: EngineChoice,
): Promise<string> {
  const config = await loadConfig(file);
  tellWarnings(config, context);
  const { name } = await chooseEngine(engine ?? config.engine, file);
  const problems = await rehearse(config, await loadEngine(name));
  if (problems.length > 0) throw new ConfigInvalidError(problems);
  const { services } = config.table;
  const destinations = services.reduce((sum, service) => sum + service.destinations.length, 0);
  return `${file}: good for engine ${name}: services ${services.length}, destinations ${destinations}\n`;
}
