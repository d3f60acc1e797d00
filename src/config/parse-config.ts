import { buildEbpf } from './build-ebpf.ts';
import { buildTable } from './build-table.ts';
import type { Config } from './config.ts';
import { ConfigInvalidError } from './config-problem.ts';
import { configSchema } from './config-schema.ts';
import { findProblems } from './find-problems.ts';
import { YamlSource } from './yaml-source.ts';

/** The configuration that the text of a vipr.yaml says; `file` is how errors name it. Throws {@link ConfigInvalidError}. */
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
