import { type Benchmark, BenchmarkUnavailable } from './benchmark.ts';
import { connectionList } from './connection-list.ts';
import { ebpfAgainstIpvs } from './ebpf/ebpf-against-ipvs.ts';
import { ebpfConnections } from './ebpf/ebpf-connections.ts';
import { ebpfForward } from './ebpf/ebpf-forward.ts';
import { ebpfLoad } from './ebpf/ebpf-load.ts';
import { ebpfLoadTime } from './ebpf/ebpf-load-time.ts';
import { ebpfMemory } from './ebpf/ebpf-memory.ts';
import { ebpfPacket } from './ebpf/ebpf-packet.ts';
import { ebpfSweep } from './ebpf/ebpf-sweep.ts';
import { ebpfSynchronisation } from './ebpf/ebpf-synchronisation.ts';
import { failover } from './failover.ts';
import { formatMeasurements } from './format-measurements.ts';
import { healthChecks } from './health-checks.ts';
import { ipvsLargeTable } from './ipvs-large-table.ts';
import { ipvsadmStartup } from './ipvsadm-startup.ts';
import { relay } from './relay.ts';
import { vrrpInstances } from './vrrp-instances.ts';

/** Every benchmark by name; a new one is a new module and a line here. They run one after another, never at once. */
const benchmarks: readonly Benchmark[] = [
  ipvsadmStartup,
  relay,
  connectionList,
  healthChecks,
  failover,
  vrrpInstances,
  ebpfPacket,
  ebpfMemory,
  ebpfSweep,
  ebpfLoadTime,
  ebpfSynchronisation,
  ebpfForward,
  ebpfConnections,
  ebpfLoad,
  ebpfAgainstIpvs,
  ipvsLargeTable,
];

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
    process.stdout.write(await measure(benchmark));
  }
}

/** What came out, or what is missing here. */
async function measure(benchmark: Benchmark): Promise<string> {
  try {
    return formatMeasurements(await benchmark.run());
  } catch (error) {
    if (error instanceof BenchmarkUnavailable) return `not measured: ${error.message}\n`;
    throw error;
  }
}
