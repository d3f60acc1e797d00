import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { RouteNetlink } from '../../netlink/route/route-netlink.ts';
import type { Decapsulator, DecapsulatorContent, InstalledDecapsulator } from '../decapsulator.ts';
import type { Host } from '../host.ts';
import { type Identity, StateFile } from '../state-file.ts';
import { Sysctls } from '../sysctls.ts';
import { FakeFou } from './fake-gue-ports.ts';
import { FakeNetwork } from './fake-network.ts';

const NO_PACKETS = { taken: 0, notVirtual: 0, fragments: 0, unknownForm: 0, congested: 0, failed: 0 };

/** A host in memory, but for a directory for its settings and its state file, which `close` removes. */
export class FakeHost implements Host {
  readonly network = new FakeNetwork();
  readonly fou = new FakeFou();
  readonly netlink = new RouteNetlink(() => this.network.kernel.open());
  readonly guePorts = this.fou.open();
  readonly directory = mkdtempSync(join(tmpdir(), 'vipr-realserver-'));
  readonly sysctls = new Sysctls(this.directory);
  /** Those that `modprobe` finds. */
  readonly modules = new Set<string>();
  /** What a load brings, by module. */
  readonly onLoad = new Map<string, () => void>();
  readonly installed = new Map<string, DecapsulatorContent>();
  identity: Identity = { boot: 'first', network: 'net:[1]' };
  readonly file = new StateFile(join(this.directory, 'state.json'), () => this.identity);

  constructor() {
    for (const name of ['all', 'default', 'lo', 'eth0'])
      for (const setting of ['arp_ignore', 'arp_announce', 'rp_filter'])
        this.set(`net/ipv4/conf/${name}/${setting}`, '0');
    this.set('net/ipv6/conf/lo/disable_ipv6', '0');
  }

  set(path: string, value: string): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    writeFileSync(join(this.directory, path), `${value}\n`);
  }

  decapsulator(directory: string): Decapsulator {
    return {
      directory,
      read: (interfaces): InstalledDecapsulator | undefined => {
        const content = this.installed.get(directory);
        if (content === undefined) return undefined;
        const attached = content.interfaces
          .map(({ index }) => index)
          .filter((index) => interfaces.includes(index));
        return { ...content, attached, counters: NO_PACKETS, outdated: false };
      },
      install: (content) => void this.installed.set(directory, content),
      remove: () => this.installed.delete(directory),
    };
  }

  async hasModule(name: string): Promise<boolean> {
    return this.modules.has(name);
  }

  async loadModule(name: string): Promise<void> {
    if (this.modules.has(name)) this.onLoad.get(name)?.();
  }

  close(): void {
    this.netlink.close();
    rmSync(this.directory, { recursive: true });
  }
}
