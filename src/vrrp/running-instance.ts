import { familyOf, type IpAddress } from '../model/address.ts';
import type { VirtualAddress, VrrpInstanceSettings } from '../model/vrrp.ts';
import type { VrrpInstanceStatus } from '../model/vrrp-status.ts';
import type { InterfaceBoard, KnownInterface } from './host/interface-board.ts';
import type { MasterHost } from './host/master-host.ts';
import { sourceAddressOf } from './host/source-address.ts';
import { VirtualLink } from './host/virtual-link.ts';
import type { VirtualLinkHost } from './host/virtual-link-host.ts';
import type { InstanceEvent } from './instance-events.ts';
import { virtualMacAddress } from './packet/virtual-mac-address.ts';
import { retryDelay } from './retry-delay.ts';
import type { Timers } from './run-script.ts';
import { type Finding, trackedClaim } from './track/tracked-claim.ts';
import { VrrpInstance } from './vrrp-instance.ts';
import type { ReceiverPool } from './wire/receiver-pool.ts';
import type { HeardOn } from './wire/vrrp-receiver.ts';
import type { VrrpWire } from './wire/vrrp-wire.ts';

export interface RunningInstanceModules {
  readonly board: InterfaceBoard;
  readonly receivers: ReceiverPool;
  readonly wire: VrrpWire;
  readonly host: MasterHost;
  readonly virtualLinks: VirtualLinkHost;
  /** Why packets cannot be kept out, where they cannot. */
  readonly guardFault: () => string | undefined;
  readonly now: () => number;
  readonly wallClock: () => number;
  readonly timers: Timers;
  /** Whether an address is one that some instance takes and gives. */
  readonly isVirtual: (address: string) => boolean;
  /** Has {@link RunningInstance.look} be called again. */
  readonly reconsider: () => void;
  readonly onEvent: (event: InstanceEvent) => void;
}

/** What is open on the instance's interface. */
interface Attachment {
  readonly index: number;
  readonly source: IpAddress;
  /** Index of the interface with the virtual MAC address. */
  readonly linkIndex: number | undefined;
  readonly sender: ReturnType<VrrpWire['sender']>;
  readonly stopListening: () => void;
}

const NOWHERE = '0.0.0.0' as IpAddress;

/** An instance on its interface, which may come and go: what it sends and hears by, and whether it can be master. */
export class RunningInstance {
  readonly settings: VrrpInstanceSettings;
  readonly #instance: VrrpInstance;
  readonly #modules: RunningInstanceModules;
  readonly #link: VirtualLink | undefined;
  #attachment: Attachment | undefined;
  #faults: readonly string[] = [];
  /** How often the interface could not be used in a row. */
  #attempts = 0;
  #cancelRetry: () => void = () => {};
  #hasBegun = false;
  #since: number;
  #heardAt: number | undefined;

  constructor(settings: VrrpInstanceSettings, modules: RunningInstanceModules) {
    this.settings = settings;
    this.#modules = modules;
    this.#link = virtualLinkOf(settings, modules);
    this.#since = modules.wallClock();
    const source = () => this.#attachment?.source ?? NOWHERE;
    const { host, now, timers } = modules;
    this.#instance = new VrrpInstance(settings, {
      get source() {
        return source();
      },
      host,
      send: (advertisement) => {
        if (this.#attachment === undefined) throw new Error(`${settings.interface} is not there`);
        this.#attachment.sender.send(advertisement);
      },
      announce: () => this.#announce(),
      now,
      timers,
      onEvent: (event) => {
        if (event.kind === 'state') this.#since = modules.wallClock();
        modules.onEvent(event);
      },
    });
  }

  get machine(): Pick<VrrpInstance, 'belongings' | 'handle' | 'hold' | 'router'> {
    return this.#instance;
  }

  /** Reasons of its own for which it cannot be master. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Whether its interface with the virtual MAC address, where it has one, is not just being made. */
  get isSettled(): boolean {
    return this.#link?.isSettled ?? true;
  }

  /** Looks at the interface and at what is tracked; to be called whenever one of them may have changed. */
  look(findings: readonly Finding[]): void {
    const { priority, faults } = trackedClaim(this.settings.priority, findings);
    const { guardedFor } = this.#instance.belongings;
    const own = [this.#attach(), guardedFor === undefined ? undefined : this.#modules.guardFault()];
    this.#faults = [...own.flatMap((fault) => fault ?? []), ...faults];
    if (priority !== this.#instance.router.priority) this.#instance.handle({ kind: 'priority', priority });
  }

  /** Begins, or goes into or out of FAULT. */
  settle(isFaulty: boolean): void {
    const { state } = this.#instance.router;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#instance.start(isFaulty);
    } else if (isFaulty && state !== 'fault') this.#instance.handle({ kind: 'fault' });
    else if (!isFaulty && state === 'fault') this.#instance.handle({ kind: 'recover' });
  }

  /**
   * Looks whether the host has what it is to have; to be called when interfaces or addresses have changed. `isElsewhere` tells of addresses that
   * another instance has rightly.
   */
  lookAtHost(isElsewhere: (address: VirtualAddress) => boolean): void {
    const { state } = this.#instance.router;
    const { addresses, interface: own } = this.#instance.belongings;
    if (!this.#hasBegun || state === 'initialize') return;
    const isThere = ({ address, prefixLength, interface: on = own }: VirtualAddress) =>
      this.#modules.board
        .find(on)
        ?.addresses.some((each) => each.address === address && each.prefixLength === prefixLength) ?? false;
    const isAsItIs =
      state === 'master'
        ? addresses.every(isThere)
        : !addresses.some((each) => isThere(each) && !isElsewhere(each));
    if (!isAsItIs) this.#instance.lookAtHost();
  }

  /** The same when routes or rules may have changed. */
  lookAtRoutes(): void {
    const { routes, rules } = this.#instance.belongings;
    if (this.#instance.router.state === 'master' && routes.length + rules.length > 0)
      this.#instance.lookAtHost();
  }

  /** Ends, having given up the addresses and said so. */
  async stop(): Promise<void> {
    if (this.#hasBegun) await this.#instance.stop();
    this.#detach();
    await this.#link?.stop();
  }

  status(): Omit<VrrpInstanceStatus, 'faults' | 'group'> {
    const { name, interface: device, family, version, virtualRouterId, priority, addresses } = this.settings;
    const { router, counts, lastHeard } = this.#instance;
    return {
      name,
      interface: device,
      family,
      version,
      virtualRouterId,
      state: router.state,
      since: iso(this.#since),
      priority: router.priority,
      configuredPriority: priority,
      addresses: addresses.map(({ address }) => address),
      ...(this.#attachment !== undefined && { source: this.#attachment.source }),
      ...(lastHeard !== undefined && {
        lastHeard: { ...lastHeard, at: iso(this.#heardAt ?? this.#since) },
      }),
      counts,
    };
  }

  /** Has the sockets that fit the interface as it is now; the answer says why it cannot be used. */
  #attach(): string | undefined {
    const { interface: device, family, untrackedInterface = false, sourceAddress } = this.settings;
    const found = this.#modules.board.find(device);
    const linkFault = this.#link?.look(found);
    if (found === undefined) {
      this.#detach();
      return `interface ${device} does not exist`;
    }
    // An interface that is down loses its IPv6 addresses; what is open stays of use.
    const kept =
      untrackedInterface && this.#attachment?.index === found.index ? this.#attachment.source : undefined;
    const source = sourceAddress ?? sourceAddressOf(found, family, this.#modules.isVirtual) ?? kept;
    const linkIndex = this.#link?.place?.index;
    if (
      this.#attachment?.index !== found.index ||
      this.#attachment.source !== source ||
      this.#attachment.linkIndex !== linkIndex
    )
      this.#detach();
    if (!untrackedInterface && !found.isRunning)
      return `interface ${device} ${found.isUp ? 'has no carrier' : 'is down'}`;
    if (linkFault !== undefined) return linkFault;
    if (source === undefined) {
      const what = family === 'inet' ? 'IPv4 address of its own' : 'link-local IPv6 address';
      return `interface ${device} has no ${what} that can be used`;
    }
    if (this.#attachment !== undefined)
      return this.#modules.receivers.isDeaf(found, family)
        ? `nothing can be heard on interface ${device}`
        : undefined;
    try {
      this.#attachment = this.#open(found, source);
      this.#attempts = 0;
      return undefined;
    } catch (error) {
      this.#attempts += 1;
      // The first delay is none, which is for failures of what has worked.
      this.#cancelRetry();
      this.#cancelRetry = this.#modules.timers.after(
        retryDelay(this.#attempts + 1),
        this.#modules.reconsider,
      );
      return `interface ${device} cannot be used: ${error instanceof Error ? error.message : error}`;
    }
  }

  #open(on: KnownInterface, source: IpAddress): Attachment {
    const { wire, receivers } = this.#modules;
    const { family, virtualRouterId, pseudoHeaderChecksum, unicastPeers: peers, virtualMac } = this.settings;
    const place = this.#link?.place;
    const sender = wire.sender(on, {
      source,
      pseudoHeaderChecksum,
      ...(peers !== undefined && { peers }),
      ...(virtualMac?.transmitBase === false && place && { virtualMac: place.hardwareAddress }),
    });
    const listening: (() => void)[] = [];
    const listen = (where: HeardOn) => {
      const stop = receivers.listen(where, family, virtualRouterId, (advertisement, from) => {
        const before = this.#instance.lastHeard;
        this.#instance.hear(advertisement, from);
        if (this.#instance.lastHeard !== before) this.#heardAt = this.#modules.wallClock();
      });
      listening.push(stop);
    };
    const stopListening = () => {
      for (const stop of listening) stop();
    };
    try {
      listen(on);
      // A macvlan that is up gets, alone, what comes from its own address: of another master (macvlan_handle_frame).
      if (place !== undefined) listen({ ...place, onlyFrom: place.hardwareAddress });
      return { index: on.index, source, linkIndex: place?.index, sender, stopListening };
    } catch (error) {
      stopListening();
      sender.close();
      throw error;
    }
  }

  #detach(): void {
    this.#cancelRetry();
    this.#attachment?.stopListening();
    this.#attachment?.sender.close();
    this.#attachment = undefined;
  }

  #announce(): void {
    const { addresses, excludedAddresses } = this.settings;
    const own = this.#instance.belongings.interface;
    const byInterface = Map.groupBy(
      [...addresses, ...excludedAddresses],
      (each: VirtualAddress) => each.interface ?? own,
    );
    for (const [device, those] of byInterface) {
      const link = device === own ? this.#link : undefined;
      const on = link === undefined ? this.#modules.board.find(device) : link.place;
      // Only Ethernet has neighbours to tell (6 bytes).
      if (on?.hardwareAddress.length !== 6) continue;
      this.#modules.wire.announce(
        those.map(({ address }) => address),
        on,
      );
    }
  }
}

function virtualLinkOf(
  { family, virtualRouterId, virtualMac, ...settings }: VrrpInstanceSettings,
  { virtualLinks: host, board, timers, reconsider: onChange, onEvent }: RunningInstanceModules,
): VirtualLink | undefined {
  if (virtualMac === undefined) return undefined;
  const link = {
    name: virtualMac.interface,
    address: virtualMacAddress(family, virtualRouterId),
    hasInet: [...settings.addresses, ...settings.excludedAddresses].some(
      ({ address, interface: device = virtualMac.interface }) =>
        device === virtualMac.interface && familyOf(address) === 'inet',
    ),
  };
  const onFailure = (text: string) => onEvent({ kind: 'failure', text });
  return new VirtualLink(link, { host, board, timers, onChange, onFailure });
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
