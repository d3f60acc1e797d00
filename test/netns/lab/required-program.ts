import { spawnSync } from 'node:child_process';

/** Programs that tests of the lab run, and the Debian package of each. */
const PACKAGES = {
  bpftool: 'bpftool',
  curl: 'curl',
  ethtool: 'ethtool',
  ip: 'iproute2',
  iperf3: 'iperf3',
  mount: 'mount',
  nft: 'nftables',
  nginx: 'nginx-light',
  ping: 'iputils-ping',
  setpriv: 'util-linux',
  sha256sum: 'coreutils',
  tcpdump: 'tcpdump',
  traceroute: 'traceroute',
  unshare: 'util-linux',
  wrk: 'wrk',
} as const satisfies Record<string, string>;

export type RequiredProgram = keyof typeof PACKAGES;

/** Why a test that runs these programs is skipped; undefined where all are there. */
export function missingPrograms(...programs: readonly RequiredProgram[]): string | undefined {
  const missing = programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing.length === 0) return undefined;
  const packages = new Set(missing.map((program) => PACKAGES[program]));
  return `there is no ${missing.join(', ')} (Debian: apt-get install ${[...packages].join(' ')})`;
}
