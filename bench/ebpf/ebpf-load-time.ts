import { join } from 'node:path';
import type { Benchmark } from '../benchmark.ts';
import { run } from '../process-group.ts';
import { median } from '../statistics.ts';
import type { LoadTimes } from './load-time-process.ts';
import { measurementOf } from './measurement-of.ts';
import { requireMachine } from './require-machine.ts';

const ROUNDS = 5;
const LIMIT_MS = 1000;

export const ebpfLoadTime: Benchmark = {
  name: 'ebpf-load-time',
  description:
    'How long the programs of the eBPF engine take to be verified, and to be attached to two devices.',
  async run() {
    requireMachine('unshare', 'ip');
    const rounds = Array.from({ length: ROUNDS }, loadOnce);
    const sums = rounds.map(({ programs, attach }) => programs + attach);
    const ratio = { to: `the limit of ${LIMIT_MS} ms`, value: median(sums) / LIMIT_MS, limit: 1 };
    const infos = rounds[0]?.infos ?? [];
    return [
      measurementOf('verified and attached', 'ms', sums, { ratio }),
      measurementOf(
        'of it: of the processor',
        'ms',
        rounds.map(({ processor }) => processor),
      ),
      measurementOf(
        'of it: attached',
        'ms',
        rounds.map(({ attach }) => attach),
      ),
      measurementOf(
        'maps made and removed',
        'ms',
        rounds.map(({ maps }) => maps),
      ),
      ...infos.map(({ name, verified, bytes }) =>
        measurementOf(name, 'verified instructions', [verified], { note: `${bytes} bytes of native code` }),
      ),
    ];
  },
};

/** In a process of its own, which leaves its namespace and maps behind. */
function loadOnce(): LoadTimes {
  const script = join(import.meta.dirname, 'load-time-process.ts');
  return JSON.parse(run('unshare', ['--net', process.execPath, script])) as LoadTimes;
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfLoadTime.description);
  process.stdout.write(formatMeasurements(await ebpfLoadTime.run()));
}
