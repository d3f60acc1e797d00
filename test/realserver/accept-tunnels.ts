import { join } from 'node:path';
import { FAMILIES, VIRTUAL_ADDRESSES } from '../netns/lab/address.ts';
import type { Host } from '../netns/lab/host.ts';
import { directoryOf, siteOf } from '../netns/lab/site.ts';
import { CHECKOUT } from '../project/source-file.ts';

export interface AcceptTunnelsOptions {
  /** Inner destinations; the lab's first VIPs unless given. */
  readonly virtualAddresses?: readonly string[];
  /** UDP port of GUE; 6080 unless given. */
  readonly guePort?: number;
}

/**
 * For `acceptTunnels` of a lab: its servers take IPIP, GUE and GRE, over either family, by vipr's own program, as
 * `vipr realserver setup` installs it. It ends with the lab.
 */
export function acceptTunnels(options: AcceptTunnelsOptions = {}): (server: Host) => Promise<void> {
  const { virtualAddresses = FAMILIES.map((family) => VIRTUAL_ADDRESSES[family]), guePort = 6080 } = options;
  return async (server) => {
    await realserver(server, [
      'setup',
      ...virtualAddresses,
      ...['ipip', 'gue', 'gre'].flatMap((kind) => ['--tunnel', kind]),
      ...['--tunnel-port', `${guePort}`, '--decapsulation', 'bpf'],
      ...['--bpf-dir', join(directoryOfLab(server), 'bpf', `realserver-${server.name}`)],
    ]);
  };
}

/** `vipr realserver WORDS` at a host of a lab; what it prints. Rejects where its exit code is not 0. */
export function realserver(host: Host, words: readonly string[]): Promise<string> {
  const main = join(CHECKOUT, 'src/commands/main.ts');
  const state = join(directoryOfLab(host), `realserver-${host.name}.json`);
  return host.output([process.execPath, main, 'realserver', ...words, '--state', state]);
}

function directoryOfLab({ namespace }: Host): string {
  const site = siteOf(namespace);
  if (site === undefined) throw new Error(`${namespace} is not of a lab`);
  return directoryOf(site);
}
