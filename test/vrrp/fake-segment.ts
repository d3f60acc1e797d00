import type { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import type { IpAddress } from '../../src/model/address.ts';
import type { HealthState } from '../../src/model/health.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import type { VrrpInstanceSettings, VrrpSettings } from '../../src/model/vrrp.ts';
import type { InterfaceAddress } from '../../src/netlink/route/interface-address.ts';
import type { Link } from '../../src/netlink/route/link.ts';
import type { RouteChange } from '../../src/netlink/route/route-watch.ts';
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
}

/** Ethernets that hosts are on, one for each name of an interface. */
export class FakeSegment {
  readonly ears = new Set<Ear>();

  send(from: FakeHost, device: string, packet: ReceivedPacket): void {
    if (from.isDead || !from.isRunning(device)) return;
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
  readonly #links = new Map<string, Link>();
  readonly #addresses: InterfaceAddress[] = [];
  #tell: (change: RouteChange) => void = () => {};
  #nextIndex = 1;

  constructor(segment: FakeSegment, clock: VirtualClock, number: number) {
    for (const device of ['eth0', 'eth1']) this.plug(device, number);
    this.service = new VrrpService({
      netlink: {
        links: { list: async () => [...this.#links.values()] },
        addresses: { list: async () => [...this.#addresses] },
        watch: () => this.#watch(),
        close: () => {},
      },
      host: {
        take: async (belongings) => this.#have(belongings, true),
        give: async (belongings) => this.#have(belongings, false),
      },
      wire: {
        receive: (on, family, heard) => {
          const ear: Ear = { host: this, device: on.name, family, heard };
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
      this.#tell({ kind: 'address', change: 'set', address: added });
    }
  }

  unplug(device: string): void {
    const link = this.#links.get(device);
    if (link === undefined) return;
    this.#links.delete(device);
    this.#tell({ kind: 'link', change: 'deleted', link });
  }

  carrier(device: string, carrier: boolean): void {
    const link = this.#links.get(device);
    if (link !== undefined) this.#setLink({ ...link, carrier });
  }

  state(name = 'VI_1'): string | undefined {
    return this.service.status().instances.find((each) => each.name === name)?.state;
  }

  #setLink(link: Link): void {
    this.#links.set(link.name, link);
    this.#tell({ kind: 'link', change: 'set', link });
  }

  #have({ addresses }: MasterBelongings, has: boolean): void {
    for (const { address } of addresses) {
      if (has) this.taken.add(address);
      else this.taken.delete(address);
    }
  }

  #watch(): AsyncIterable<RouteChange> & { close(): void } {
    const changes: RouteChange[] = [];
    let wake = () => {};
    let isOpen = true;
    this.#tell = (change) => {
      changes.push(change);
      wake();
    };
    return {
      close: () => {
        isOpen = false;
        wake();
      },
      async *[Symbol.asyncIterator]() {
        while (isOpen) {
          const change = changes.shift();
          if (change !== undefined) yield change;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      },
    };
  }
}

/** Settings with these instances and nothing else, but for what is given. */
export function vrrpSettings(
  instances: readonly VrrpInstanceSettings[],
  given: Partial<VrrpSettings> = {},
): VrrpSettings {
  return { instances, groups: [], scripts: [], startupDelay: 0 as Milliseconds, ...given };
}
