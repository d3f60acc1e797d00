import type { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import type { IpAddress } from '../../src/model/address.ts';
import type { HealthState } from '../../src/model/health.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import type { VrrpInstanceSettings, VrrpSettings } from '../../src/model/vrrp.ts';
import type { InterfaceAddress } from '../../src/netlink/route/interface-address.ts';
import type { Link } from '../../src/netlink/route/link.ts';
import type { RouteChange, Watched } from '../../src/netlink/route/route-watch.ts';
import type { MasterBelongings } from '../../src/vrrp/host/master-host.ts';
import type { ReceivedPacket } from '../../src/vrrp/packet/decode-advertisement.ts';
import { encodeAdvertisement } from '../../src/vrrp/packet/encode-advertisement.ts';
import type { VrrpServiceEvent } from '../../src/vrrp/service-modules.ts';
import { VrrpService } from '../../src/vrrp/vrrp-service.ts';

const GROUP = { inet: '224.0.0.18', inet6: 'ff02::12' } as const;

interface Ear {
  readonly host: FakeHost;
  readonly device: string;
  readonly family: string;
  readonly heard: (packet: ReceivedPacket) => void;
  readonly fail: (error: unknown) => void;
}

/** Ethernets that hosts are on, one for each name of an interface. */
export class FakeSegment {
  readonly ears = new Set<Ear>();
  /** Nobody hears anybody while it is. */
  isCut = false;

  send(from: FakeHost, device: string, packet: ReceivedPacket): void {
    if (this.isCut || from.isDead || !from.isRunning(device)) return;
    const family = packet.source.includes(':') ? 'inet6' : 'inet';
    for (const ear of this.ears) {
      if (ear.host === from || ear.device !== device || ear.family !== family) continue;
      if (!ear.host.isDead && ear.host.isRunning(device)) queueMicrotask(() => ear.heard(packet));
    }
  }
}

/** A director on a segment, with interfaces, a host and scripts that a test moves. */
export class FakeHost {
  readonly service: VrrpService;
  readonly events: VrrpServiceEvent[] = [];
  readonly lines: string[] = [];
  /** Addresses that it has as a master. */
  readonly taken = new Set<string>();
  readonly announced: string[] = [];
  /** Scripts that were run: their words, with a space between. */
  readonly scripts: string[] = [];
  readonly failing = new Set<string>();
  readonly files = new Map<string, string>();
  readonly processes = new Set<string>();
  readonly quorums = new Map<string, HealthState>();
  isDead = false;
  /** Why packets cannot be kept out. */
  guardFault: string | undefined;
  readonly #links = new Map<string, Link>();
  /** Destinations of routes that it has as a master. */
  readonly routes = new Set<string>();
  /** What opening a watch, or a receiver, or changing the host fails with. */
  watchFailure: Error | undefined;
  receiverFailure: Error | undefined;
  hostFailure: Error | undefined;
  #addresses: InterfaceAddress[] = [];
  readonly #watches = new Set<FakeWatch>();
  #nextIndex = 1;

  constructor(segment: FakeSegment, clock: VirtualClock, number: number) {
    for (const device of ['eth0', 'eth1']) this.plug(device, number);
    this.service = new VrrpService({
      netlink: {
        links: { list: async () => [...this.#links.values()] },
        addresses: { list: async () => [...this.#addresses] },
        watch: (...watched) => this.#watch(watched),
        close: () => {},
      },
      host: {
        take: async (belongings) => this.#have(belongings, true),
        give: async (belongings) => this.#have(belongings, false),
      },
      virtualLinks: {
        make: async ({ name, address }, parent) => this.#makeLink(name, address, parent.name),
        remove: async ({ name }) => this.unplug(name),
      },
      guard: {
        open: async () => this.guardFault,
        guard: async () => {},
        close: () => {},
      },
      wire: {
        receive: (on, family, heard, fail) => {
          if (this.receiverFailure !== undefined) throw this.receiverFailure;
          const ear: Ear = { host: this, device: on.name, family, heard, fail };
          segment.ears.add(ear);
          return { close: () => void segment.ears.delete(ear) };
        },
        sender: (on, { source, pseudoHeaderChecksum }) => ({
          send: (advertisement) => {
            const destination = GROUP[source.includes(':') ? 'inet6' : 'inet'] as IpAddress;
            const envelope = { source, destination };
            const message = encodeAdvertisement(advertisement, envelope, { pseudoHeaderChecksum });
            segment.send(this, on.name, { ...envelope, hopLimit: 255, message });
          },
          close: () => {},
        }),
        announce: (addresses) => this.announced.push(...addresses),
        close: () => {},
      },
      runScript: async ({ argv }, { args = [] }) => {
        this.scripts.push([...argv, ...args].join(' '));
        const succeeded = !this.failing.has(argv[0] ?? '');
        return { succeeded, text: succeeded ? 'exited with 0' : 'exited with 1' };
      },
      readFile: async (path) => this.files.get(path),
      findProcesses: async (names) => new Set([...names].filter((name) => this.processes.has(name))),
      quorum: (service) => this.quorums.get(service),
      now: clock.now,
      wallClock: clock.now,
      timers: clock,
      tellFifos: (line) => this.lines.push(line),
      onEvent: (event) => this.events.push(event),
    });
  }

  isThere(device: string): boolean {
    return this.#links.has(device);
  }

  isRunning(device: string): boolean {
    return this.#links.get(device)?.carrier ?? false;
  }

  /** Brings an interface with an address of each family. */
  plug(device: string, number: number): void {
    const index = this.#nextIndex++;
    const subnet = device === 'eth0' ? 0 : 1;
    this.#setLink({
      index,
      name: device,
      hardware: 1,
      flags: 0,
      up: true,
      carrier: true,
      operationalState: 'up',
      mtu: 1500,
      address: `02:00:00:00:0${subnet}:0${number}`,
    });
    for (const [family, address, scope] of [
      ['inet', `10.${subnet}.0.${number}`, 0],
      ['inet6', `fe80::${number}`, 253],
    ] as const) {
      const added = { family, index, address, prefixLength: 24, scope, flags: 0, tentative: false };
      this.#addresses.push(added);
      this.tell({ kind: 'address', change: 'set', address: added });
    }
  }

  unplug(device: string): void {
    const link = this.#links.get(device);
    if (link === undefined) return;
    this.#links.delete(device);
    this.tell({ kind: 'link', change: 'deleted', link });
  }

  carrier(device: string, carrier: boolean): void {
    const link = this.#links.get(device);
    if (link !== undefined) this.#setLink({ ...link, carrier });
  }

  state(name = 'VI_1'): string | undefined {
    return this.service.status().instances.find((each) => each.name === name)?.state;
  }

  #makeLink(name: string, address: Uint8Array, parent: string): number {
    const index = this.#nextIndex++;
    const below = this.#links.get(parent);
    if (below === undefined) throw new Error(`there is no ${parent}`);
    const text = Buffer.from(address)
      .toString('hex')
      .replaceAll(/..(?!$)/g, '$&:');
    this.#setLink({ ...below, index, name, kind: 'macvlan', parent: below.index, up: false, address: text });
    return index;
  }

  #setLink(link: Link): void {
    this.#links.set(link.name, link);
    this.tell({ kind: 'link', change: 'set', link });
  }

  /** As another program does. */
  setAddress(address: string, device = 'eth0'): void {
    const link = this.#links.get(device);
    if (link === undefined) return;
    this.taken.add(address);
    this.#tellAddress('set', address, link.index);
  }

  deleteAddress(address: string, device = 'eth0'): void {
    const link = this.#links.get(device);
    if (link === undefined || !this.taken.delete(address)) return;
    this.#tellAddress('deleted', address, link.index);
  }

  tell(change: RouteChange): void {
    for (const watch of this.#watches) watch.tell(change);
  }

  /** All watches of rtnetlink fail. */
  failWatches(error: Error): void {
    for (const watch of [...this.#watches]) watch.fail(error);
  }

  #have({ interface: device, addresses, routes }: MasterBelongings, has: boolean): string[] {
    if (this.hostFailure !== undefined) throw this.hostFailure;
    const index = this.#links.get(device)?.index ?? 0;
    const changed: string[] = [];
    for (const { address } of addresses) {
      if (has === this.taken.has(address)) continue;
      if (has) this.taken.add(address);
      else this.taken.delete(address);
      this.#tellAddress(has ? 'set' : 'deleted', address, index);
      changed.push(address);
    }
    for (const { destination } of routes) {
      const to = `${destination?.address}`;
      if (has === this.routes.has(to)) continue;
      if (has) this.routes.add(to);
      else this.routes.delete(to);
      changed.push(to);
    }
    return changed;
  }

  #tellAddress(change: 'set' | 'deleted', address: string, index: number): void {
    const family = address.includes(':') ? 'inet6' : 'inet';
    const prefixLength = family === 'inet' ? 32 : 128;
    const found = { family, index, address, prefixLength, scope: 0, flags: 0, tentative: false } as const;
    this.#addresses = this.#addresses.filter((each) => each.address !== address || each.index !== index);
    if (change === 'set') this.#addresses.push(found);
    this.tell({ kind: 'address', change, address: found });
  }

  #watch(watched: readonly Watched[]): AsyncIterable<RouteChange> & { close(): void } {
    if (this.watchFailure !== undefined) throw this.watchFailure;
    const watch = new FakeWatch(watched, () => this.#watches.delete(watch));
    this.#watches.add(watch);
    return watch;
  }
}

/** A watch of rtnetlink that is told what there is. */
class FakeWatch implements AsyncIterable<RouteChange> {
  readonly #changes: (RouteChange | Error)[] = [];
  readonly #watched: readonly Watched[];
  readonly #forget: () => void;
  #wake = () => {};
  #isOpen = true;

  constructor(watched: readonly Watched[], forget: () => void) {
    this.#watched = watched;
    this.#forget = forget;
  }

  tell(change: RouteChange): void {
    if (change.kind !== 'lost' && !this.#watched.includes(change.kind)) return;
    this.#changes.push(change);
    this.#wake();
  }

  fail(error: Error): void {
    this.#changes.push(error);
    this.#wake();
  }

  close(): void {
    this.#isOpen = false;
    this.#forget();
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RouteChange> {
    while (this.#isOpen) {
      const change = this.#changes.shift();
      if (change instanceof Error) throw change;
      if (change !== undefined) yield change;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** Settings with these instances and nothing else, but for what is given. */
export function vrrpSettings(
  instances: readonly VrrpInstanceSettings[],
  given: Partial<VrrpSettings> = {},
): VrrpSettings {
  return { instances, groups: [], scripts: [], startupDelay: 0 as Milliseconds, ...given };
}
