import { BenchmarkUnavailable } from '../benchmark.ts';
import { missingPrograms } from '../process-group.ts';

/** Debian's package of a program, where it has another name. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  nginx: 'nginx-light',
  setpriv: 'util-linux',
  taskset: 'util-linux',
};

/** Throws a BenchmarkUnavailable unless this process is root on Linux, and has these programs. */
export function requireMachine(...programs: readonly string[]): void {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0)
    throw new BenchmarkUnavailable('it needs root on Linux');
  const missing = missingPrograms(programs);
  if (missing.length === 0) return;
  const packages = new Set(missing.map((program) => PACKAGES[program] ?? program));
  throw new BenchmarkUnavailable(
    `it needs ${missing.join(', ')}: apt-get install --no-install-recommends ${[...packages].join(' ')}`,
  );
}
