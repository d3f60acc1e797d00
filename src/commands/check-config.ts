import type { Config, EngineChoice } from '../config/config.ts';
import { ConfigInvalidError, type ConfigProblem } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import { refuseUnlessRehearsed } from '../director/configuration.ts';
import { chooseEngine } from '../director/engine-choice.ts';
import { loadEngine } from '../director/engine-registry.ts';
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
  const { name, services, destinations } = await rehearsed(config, file, engine);
  return `${file}: good for engine ${name}: services ${services}, destinations ${destinations}\n`;
}

/** The same for programs: errors are `problems`. Throws CONFIG_UNREADABLE. */
export async function checkedJson(
  file: string,
  engine?: EngineChoice,
): Promise<{ readonly text: string; readonly good: boolean }> {
  let warnings: readonly ConfigProblem[] = [];
  try {
    const config = await loadConfig(file);
    warnings = config.warnings;
    const { name, services, destinations } = await rehearsed(config, file, engine);
    const found = { file, good: true, engine: name, services, destinations, problems: [], warnings };
    return { text: `${JSON.stringify(found, null, 2)}\n`, good: true };
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    const found = { file, good: false, problems: error.problems, warnings };
    return { text: `${JSON.stringify(found, null, 2)}\n`, good: false };
  }
}

/** What there is for which engine. Throws CONFIG_INVALID where the engine or VRRP would refuse it. */
async function rehearsed(config: Config, file: string, engine?: EngineChoice) {
  const { name } = await chooseEngine(engine ?? config.engine, file);
  await refuseUnlessRehearsed(config, await loadEngine(name));
  const { services } = config.table;
  const destinations = services.reduce((sum, service) => sum + service.destinations.length, 0);
  return { name, services: services.length, destinations };
}
