import type { Benchmark } from './benchmark.ts';
import { connectionList } from './connection-list.ts';
import { formatMeasurements } from './format-measurements.ts';
import { ipvsLargeTable } from './ipvs-large-table.ts';
import { ipvsadmStartup } from './ipvsadm-startup.ts';
import { relay } from './relay.ts';

/** Every benchmark by name; a new one is a new module and a line here. They run one after another, never at once. */
const benchmarks: readonly Benchmark[] = [ipvsadmStartup, relay, connectionList, ipvsLargeTable];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  console.error(`unknown benchmark: ${unknown.join(', ')}`);
  console.error(`usage: npm run bench [-- ${benchmarks.map(({ name }) => name).join(' | ')} ...]`);
  process.exitCode = 2;
} else {
  for (const benchmark of benchmarks) {
    if (names.length > 0 && !names.includes(benchmark.name)) continue;
    console.log(`${benchmark.name}: ${benchmark.description}`);
    process.stdout.write(formatMeasurements(await benchmark.run()));
  }
}
