import type { IpAddress } from '../../../model/address.ts';
import type { BpfLink } from '../../../system/bpf/bpf-link.ts';
import { createMapIterator } from '../../../system/bpf/map-iterator.ts';
import { monotonicMilliseconds } from '../../../system/clock.ts';
import type { InterfaceAttachment } from '../../interface-attachment.ts';
import { type AttachmentOptions, Attachments } from '../attach/attachments.ts';
import { deviceDriver } from '../attach/device-driver.ts';
import { DeviceHooks } from '../attach/device-hooks.ts';
import type { DataPlane } from '../data-plane.ts';
import { SETTING_LOCAL_SERVERS } from '../layout.gen.ts';
import type { HostNetwork } from '../network/host-network.ts';
import { InterfaceService } from '../network/interface-service.ts';
import { XdpFeatures } from '../network/xdp-features.ts';
import { NextHopService } from '../next-hop/next-hop-service.ts';
import { fullerFamily } from './fuller-family.ts';
import type { LoadedDataPlane } from './loaded-data-plane.ts';
import type { SettingsMap } from './settings-map.ts';
import { sweepPass } from './sweep-pass.ts';
import { Sweeper } from './sweeper.ts';
import type { Sysctls } from './sysctl.ts';
import { TableMonitor } from './table-monitor.ts';
import { Totals } from './totals.ts';

export interface HostDataPlaneOptions {
  readonly attachment: AttachmentOptions;
  /** Where links of this network namespace are pinned. */
  readonly linkDirectory: string;
  readonly sysctls: Sysctls;
}

export interface HostDataPlaneModules {
  readonly loaded: LoadedDataPlane;
  readonly settings: SettingsMap;
  readonly network: HostNetwork;
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** Of IPv4 and IPv6. */
type Iterators = readonly [BpfLink, BpfLink];

const LOOK_PAUSE = 1000;

/** All that keeps the programs of this host at work: attachment, next hops, the sweep, the defences. */
export class HostDataPlane implements DataPlane {
  readonly #options: HostDataPlaneOptions;
  readonly #modules: HostDataPlaneModules;
  readonly #nextHops: NextHopService;
  readonly #iterators: BpfLink[];
  readonly #sweeper: Sweeper;
  readonly #looking: NodeJS.Timeout;
  #interfaces: InterfaceService | undefined;
  #attachments: Attachments | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: HostDataPlaneOptions, modules: HostDataPlaneModules) {
    const { loaded, settings, network, info, warn } = modules;
    this.#options = options;
    this.#modules = modules;
    const iterator = (program: string, map: string) =>
      createMapIterator(loaded.program(program), loaded.map(map));
    const connections: Iterators = [
      iterator('vipr_sweep4', 'connections4'),
      iterator('vipr_sweep6', 'connections6'),
    ];
    const replies: Iterators = [
      iterator('vipr_sweep_replies4', 'replies4'),
      iterator('vipr_sweep_replies6', 'replies6'),
    ];
    this.#iterators = [...connections, ...replies];
    // What clients' next hops were while nobody looked is not known.
    const routesChanged = () =>
      settings.change(({ routeGeneration }) => ({ routeGeneration: after(routeGeneration) }));
    routesChanged();
    const totals = new Totals(loaded.map('totals'));
    const key = new Uint8Array(4);
    const nextHops = loaded.map('next_hops');
    this.#nextHops = new NextHopService({
      network,
      write: (id, entry) => {
        new DataView(key.buffer).setUint32(0, id, true);
        nextHops.update(key, entry);
      },
      routesChanged,
      localServers: (some) => settings.setFlag(SETTING_LOCAL_SERVERS, some),
      warn,
    });
    let chunks: readonly [number, number] = [0, 0];
    this.#sweeper = new Sweeper({
      sweepConnections: async (goOn) => {
        chunks = await sweepBoth(connections, goOn);
      },
      sweepReplies: async (goOn) => void (await sweepBoth(replies, goOn)),
      entries: () => totals.entries(),
      now: monotonicMilliseconds,
      warn,
    });
    const room = loaded.map('connections4').maxEntries;
    const monitor = new TableMonitor(
      { sysctls: options.sysctls, room },
      {
        settings,
        totals: {
          read: (total) => totals.read(total),
          entries: () => fullerFamily(totals.entries(), chunks),
        },
        info,
        warn,
      },
    );
    const look = () => {
      try {
        monitor.look(monotonicMilliseconds());
      } catch (error) {
        warn(`the state of the table cannot be read: ${(error as Error).message}`);
      }
    };
    look();
    this.#looking = setInterval(look, LOOK_PAUSE);
  }

  /** The interfaces that have the programs. */
  get attachments(): readonly InterfaceAttachment[] {
    return this.#attachments?.state ?? [];
  }

  destinationAdded(id: number, address: IpAddress): void {
    this.#nextHops.add(id, address);
  }

  destinationRemoved(id: number): void {
    this.#nextHops.remove(id);
  }

  /** Puts the programs on the interfaces, and follows those from now on; next hops that the kernel knows are in the map before. */
  async attach(): Promise<void> {
    const { loaded, network, info, warn } = this.#modules;
    const map = loaded.map('interfaces');
    this.#interfaces = await InterfaceService.start({ network, features: new XdpFeatures(), map, warn });
    await this.#nextHops.settled();
    const attachments = new Attachments(this.#options.attachment, {
      hooks: new DeviceHooks(this.#options.linkDirectory, {
        xdp: loaded.program('vipr_xdp'),
        ingress: loaded.program('vipr_ingress'),
        egress: loaded.program('vipr_egress'),
      }),
      links: () => network.links.values(),
      driverOf: ({ name, index }) => deviceDriver(name, index),
      info,
      warn,
    });
    this.#attachments = attachments;
    attachments.reconcile();
    this.#stopListening = network.listen((change) => attachments.heard(change));
    // A veth can be sent to once there is XDP at its other end.
    await this.#interfaces.look();
  }

  /** Programs stay attached and maps pinned: packets are forwarded on. What it was given is its giver's to close. */
  async close(): Promise<void> {
    clearInterval(this.#looking);
    this.#stopListening?.();
    await Promise.all([this.#sweeper.close(), this.#nextHops.close(), this.#interfaces?.close()]);
    for (const iterator of this.#iterators.splice(0)) iterator.close();
  }
}

async function sweepBoth([inet, inet6]: Iterators, goOn: () => boolean): Promise<readonly [number, number]> {
  return [await sweepPass(inet, goOn), await sweepPass(inet6, goOn)];
}

/** 0 stands for unknown in connections. */
function after(generation: number): number {
  return generation === 0xffffffff ? 1 : generation + 1;
}
