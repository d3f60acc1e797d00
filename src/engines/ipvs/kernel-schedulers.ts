import { readdirSync, readFileSync } from 'node:fs';

/** The schedulers that Linux has; which of them a kernel was built with, {@link kernelSchedulers} finds out. */
export const ALL_SCHEDULERS: readonly string[] = [
  ...['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'sed', 'nq', 'fo', 'ovf', 'mh', 'twos'],
];

/**
 * The schedulers of the running kernel, `none` included: those that lie there as modules or are built in. Where no modules
 * can be seen, as in a container, all are taken to be there.
 *
 * @param root what `/` is, for tests
 */
export function kernelSchedulers(root = ''): readonly string[] {
  const modules = modulesOf(root);
  const found = ALL_SCHEDULERS.filter((name) => modules.has(`ip_vs_${name}`));
  return [...(found.length > 0 ? found : ALL_SCHEDULERS), 'none'];
}

/** Names of IPVS's modules, loadable and built in. */
function modulesOf(root: string): ReadonlySet<string> {
  try {
    const release = readFileSync(`${root}/proc/sys/kernel/osrelease`, 'utf8').trim();
    const directory = `${root}/lib/modules/${release}`;
    const loadable = readdirSync(`${directory}/kernel/net/netfilter/ipvs`);
    const builtIn = readFileSync(`${directory}/modules.builtin`, 'utf8').split('\n');
    return new Set([...loadable, ...builtIn].map((path) => path.replace(/^.*\/|\.ko.*$/g, '')));
  } catch {
    return new Set();
  }
}
