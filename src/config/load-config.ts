import { readFile } from 'node:fs/promises';
import { ViprError } from '../model/error.ts';
import { buildEbpf } from './build-ebpf.ts';
import { buildTable } from './build-table.ts';
import type { Config } from './config.ts';
import { ConfigInvalidError } from './config-problem.ts';
import { configSchema } from './config-schema.ts';
import { findProblems } from './find-problems.ts';
import { YamlSource } from './yaml-source.ts';

/** Reads a vipr.yaml. Throws CONFIG_UNREADABLE, or {@link ConfigInvalidError} with everything that is wrong in it. */
export async function loadConfig(path: string): Promise<Config> {
  return parseConfig(await readText(path), path);
}

/** As {@link loadConfig}, from the text; `file` is how errors name it. */
export function parseConfig(text: string, file: string): Config {
  const source = new YamlSource(text, file);
  const result = configSchema.safeParse(source.value ?? {});
  const problems = findProblems(source, result.error?.issues ?? []);
  if (!result.success || problems.length > 0) throw new ConfigInvalidError(problems);
  const { engine, workers, relay, drift } = result.data;
  const { 'retry-refused': retryRefused, 'connect-timeout': connectTimeout } = relay;
  return {
    engine,
    ...(workers !== undefined && { workers }),
    relay: {
      ...(retryRefused !== undefined && { retryRefused }),
      ...(connectTimeout !== undefined && { connectTimeout }),
    },
    ebpf: buildEbpf(result.data.ebpf),
    drift,
    table: buildTable(result.data),
    monitoring: new Map(),
    notify: { fifos: [] },
    logging: {},
    warnings: [],
    source,
  };
}

async function readText(path: string): Promise<string> {
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
