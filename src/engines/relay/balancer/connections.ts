import type { Timeouts } from '../../../model/table.ts';
import { resetAndClose } from '../../../system/socket.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { ToPump } from '../channel/message.ts';
import type { RingProducer } from '../channel/ring.ts';
import { activityTick } from '../channel/shared-memory.ts';
import { type Client, clientOf, requestOf } from './client.ts';
import { isActiveState, State, stateTimeout } from './connection-state.ts';
import { ConnectionTable, Flag } from './connection-table.ts';
import { pick, pickAnother } from './picker.ts';
import { PINNED_TIMEOUT, Templates } from './templates.ts';
import { TimerWheel } from './timer-wheel.ts';

const TICKS_A_SECOND = 10;

export interface ConnectionsOptions {
  /** Whether a connection that its destination refuses is offered to another one. */
  readonly retryRefused: boolean;
  /** Seconds that a destination has to accept before it counts as refusing. */
  readonly connectTimeout: number;
}

export interface ConnectionsModules {
  /** Uint32 for each slot, see SharedMemory. */
  readonly activity: Uint32Array;
  readonly pumps: readonly RingProducer[];
  /** The timeouts that `--set` gave, read at each use. */
  readonly timeouts: () => Timeouts;
  /** Milliseconds on the monotonic clock. */
  readonly now: () => number;
}

/**
 * The life of every connection: it is scheduled (by its template or the service's scheduler), given to a pump, follows
 * the states that the pump reports, and expires. All counts, thresholds and templates change here and nowhere else, in
 * one thread, so they are exact however many pumps there are.
 */
export class Connections {
  readonly table = new ConnectionTable();
  readonly templates: Templates;
  readonly #options: ConnectionsOptions;
  readonly #modules: ConnectionsModules;
  readonly #wheel: TimerWheel;
  readonly #load: number[];
  /** Destinations that refused a connection which still waits. */
  readonly #tried = new Map<number, LiveDestination[]>();
  /** When `--set` last changed the timeouts, as an activity tick. */
  #timeoutsChanged = 0;
  #openTcp = 0;
  #openUdp = 0;

  constructor(options: ConnectionsOptions, modules: ConnectionsModules) {
    this.#options = options;
    this.#modules = modules;
    this.templates = new Templates(this.table);
    this.#wheel = new TimerWheel(modules.now() / 1000);
    this.#load = modules.pumps.map(() => 0);
  }

  /** TCP connections that still have sockets. */
  get openTcp(): number {
    return this.#openTcp;
  }

  /** Descriptors that open connections and flows hold, in the balancer and in the pumps. */
  get descriptors(): number {
    return 2 * this.#openTcp + this.#openUdp;
  }

  /** A connection was accepted: relays it, or resets it where no destination takes it. */
  openTcpConnection(service: LiveService, fd: number, client: Client): void {
    const slot = this.#open(service, client, State.synRecv);
    if (slot < 0) {
      resetAndClose(fd);
      return;
    }
    const pump = this.#leastLoaded();
    this.table.pump[slot] = pump;
    this.#load[pump] = (this.#load[pump] ?? 0) + 1;
    this.#openTcp++;
    this.#tell(pump, ToPump.forwardTcp, slot, fd, this.table.destinations[slot]?.slot ?? -1);
  }

  /** A pump asks where a client's datagrams go. */
  openUdpFlow(service: LiveService | undefined, pump: number, request: number, client: Client): void {
    if (service === undefined) {
      this.#tell(pump, ToPump.forwardUdp, request, -1, -1);
    } else if (service.settings.onePacket) {
      this.#onePacket(service, pump, request, client);
    } else {
      const slot = this.#open(service, client, State.udp);
      if (slot >= 0) {
        this.table.pump[slot] = pump;
        this.#openUdp++;
      }
      this.#tell(pump, ToPump.forwardUdp, request, slot, this.table.destinations[slot]?.slot ?? -1);
    }
  }

  connected(slot: number): void {
    this.#tried.delete(slot);
    this.#enter(slot, State.established);
    this.#assure(slot);
  }

  answered(slot: number): void {
    this.#tried.delete(slot);
    this.#assure(slot);
  }

  /** The destination did not accept, or refused the first datagram: another one gets it, or the client is told. */
  refused(slot: number): void {
    const { table } = this;
    const service = table.services[slot];
    const refuser = table.destinations[slot];
    if (service === undefined || refuser === undefined) return;
    const tcp = table.state[slot] !== State.udp;
    table.unset(slot, Flag.abandoned);
    const tried = [...(this.#tried.get(slot) ?? []), refuser];
    const client = clientOf(table, slot);
    const another =
      this.#options.retryRefused && !table.has(slot, Flag.ending)
        ? pickAnother(service, requestOf(service, client), tried)
        : undefined;
    if (another === undefined || another.slot < 0) {
      this.#end(slot);
      return;
    }
    this.#tried.set(slot, tried);
    refuser.unbind(table.has(slot, Flag.active));
    table.unassign(slot);
    this.#bind(slot, another);
    this.#moveTemplate(slot, service, client, another);
    this.#touch(slot);
    this.#schedule(slot);
    if (tcp) this.#tell(table.pump[slot] ?? 0, ToPump.forwardTcp, slot, -1, another.slot);
    else this.#tell(table.pump[slot] ?? 0, ToPump.retryUdp, slot, another.slot);
  }

  clientFinished(slot: number): void {
    this.#enter(slot, this.table.state[slot] === State.finWait ? State.timeWait : State.closeWait);
  }

  serverFinished(slot: number): void {
    this.#enter(slot, this.table.state[slot] === State.closeWait ? State.timeWait : State.finWait);
  }

  /** The pump closed both sides. TCP entries stay for their state's timeout, as in IPVS; UDP flows are gone. */
  ended(slot: number, reset: boolean): void {
    const { table } = this;
    if (!table.has(slot, Flag.open)) return;
    table.unset(slot, Flag.open);
    this.#tried.delete(slot);
    if (table.state[slot] === State.udp) {
      this.#openUdp--;
      this.#remove(slot);
      return;
    }
    const pump = table.pump[slot] ?? 0;
    this.#load[pump] = (this.#load[pump] ?? 1) - 1;
    this.#openTcp--;
    if (reset) this.#enter(slot, State.close);
  }

  /** The destination was deleted, or is to have no connections any more: they are reset. Returns how many. */
  dropDestination(destination: LiveDestination): number {
    const open = this.table.slotsOf(destination).filter((slot) => {
      return this.table.has(slot, Flag.open) && !this.table.has(slot, Flag.ending);
    });
    for (const slot of open) this.#end(slot);
    this.#dropOnePacketFlows(destination);
    return open.length;
  }

  #dropOnePacketFlows(destination: LiveDestination): void {
    const { id } = destination.service;
    if (id.kind !== 'address' || id.protocol !== 'udp') return;
    for (const pump of this.#modules.pumps) pump.push(ToPump.dropDestination, destination.slot);
  }

  endAll(): void {
    for (let slot = 0; slot < this.table.end; slot++) if (this.table.has(slot, Flag.open)) this.#end(slot);
  }

  /** Expires what is due; to be called about once a second. */
  expire(): void {
    this.#wheel.advance(this.#modules.now() / 1000, (slot) => this.#due(slot));
  }

  /** The timeouts were set: running connections take the new ones with their next bytes, as in IPVS. */
  timeoutsChanged(): void {
    const { table } = this;
    this.#timeoutsChanged = activityTick(this.#modules.now());
    for (let slot = 0; slot < table.end; slot++) {
      if (table.has(slot, Flag.open))
        this.#wheel.schedule(slot, this.#modules.now() / 1000 + this.#timeoutOf(slot));
    }
  }

  /** Seconds until the entry expires, with its activity taken into account. */
  expiresIn(slot: number): number {
    const { table } = this;
    const activity = this.#modules.activity[slot] ?? 0;
    if (table.has(slot, Flag.open) && activity > this.#timeoutsChanged)
      table.timeout[slot] = this.#timeoutOf(slot);
    const idle = (activityTick(this.#modules.now()) - activity) / TICKS_A_SECOND;
    return Math.max(0, (table.timeout[slot] ?? 0) - idle);
  }

  #open(service: LiveService, client: Client, state: number): number {
    const { table } = this;
    const persistent = service.settings.persistenceTimeout !== undefined;
    let template = persistent ? this.templates.find(service, client.words) : -1;
    const destination =
      (template >= 0 ? table.destinations[template] : undefined) ?? pick(service, requestOf(service, client));
    if (destination === undefined || destination.slot < 0) return -1;
    if (persistent && template < 0) {
      template = this.templates.create(service, client.words, client.inet6, destination);
      if (template < 0) return -1;
      this.#restart(template);
    }
    const slot = table.allocate(service);
    if (slot < 0) return -1;
    table.set(slot, Flag.open | (client.inet6 ? Flag.inet6 : 0));
    table.address.set(client.words, slot * 4);
    table.port[slot] = client.port;
    table.state[slot] = state;
    this.#bind(slot, destination);
    if (template >= 0) this.#control(template, slot);
    table.timeout[slot] = this.#timeoutOf(slot);
    this.#touch(slot);
    this.#schedule(slot);
    return slot;
  }

  #onePacket(service: LiveService, pump: number, request: number, client: Client): void {
    const persistent = service.settings.persistenceTimeout !== undefined;
    let template = persistent ? this.templates.find(service, client.words) : -1;
    const destination =
      (template >= 0 ? this.table.destinations[template] : undefined) ??
      pick(service, requestOf(service, client));
    if (destination !== undefined && persistent) {
      if (template < 0) template = this.templates.create(service, client.words, client.inet6, destination);
      if (template >= 0) this.#restart(template);
    }
    if (destination !== undefined) {
      destination.bind();
      destination.countConnection();
      destination.unbind(false);
    }
    this.#tell(pump, ToPump.forwardUdp, request, -1, destination?.slot ?? -1);
  }

  #bind(slot: number, destination: LiveDestination): void {
    this.table.assign(slot, destination);
    destination.bind();
    destination.countConnection();
    this.table.unset(slot, Flag.active);
    this.#account(slot);
  }

  /** Moves the connection's count between active and inactive as its state demands. */
  #account(slot: number): void {
    const { table } = this;
    const active = isActiveState(table.state[slot] ?? 0);
    if (active === table.has(slot, Flag.active)) return;
    if (active) {
      table.destinations[slot]?.markActive();
      table.set(slot, Flag.active);
    } else {
      table.destinations[slot]?.markInactive();
      table.unset(slot, Flag.active);
    }
  }

  #enter(slot: number, state: number): void {
    this.table.state[slot] = state;
    this.#account(slot);
    this.table.timeout[slot] = this.#timeoutOf(slot);
    this.#touch(slot);
    this.#schedule(slot);
  }

  #timeoutOf(slot: number): number {
    const state = this.table.state[slot] ?? 0;
    const timeout = stateTimeout(state, this.#modules.timeouts());
    return state === State.synRecv ? Math.min(timeout, this.#options.connectTimeout) : timeout;
  }

  #control(template: number, slot: number): void {
    this.table.controller[slot] = template;
    this.table.controlled[template] = (this.table.controlled[template] ?? 0) + 1;
    this.#restart(template);
  }

  #restart(template: number): void {
    this.#touch(template);
    this.#schedule(template);
  }

  #release(slot: number): void {
    const template = this.table.controller[slot] ?? -1;
    if (template < 0) return;
    this.table.controlled[template] = (this.table.controlled[template] ?? 1) - 1;
    this.table.controller[slot] = -1;
  }

  #assure(slot: number): void {
    const template = this.table.controller[slot] ?? -1;
    if (template >= 0) this.table.state[template] = State.assured;
  }

  /** A client whose destination refused persists with the one that it was given instead. */
  #moveTemplate(slot: number, service: LiveService, client: Client, destination: LiveDestination): void {
    const before = this.table.controller[slot] ?? -1;
    if (before < 0) return;
    this.#release(slot);
    const template = this.templates.create(service, client.words, client.inet6, destination);
    if (template >= 0) this.#control(template, slot);
  }

  #end(slot: number): void {
    if (this.table.has(slot, Flag.ending)) return;
    this.table.set(slot, Flag.ending);
    this.#tell(this.table.pump[slot] ?? 0, ToPump.end, slot);
  }

  /** The timer of a slot came: returns the second to look again, or undefined once the entry is gone. */
  #due(slot: number): number | undefined {
    const { table } = this;
    const left = this.expiresIn(slot);
    const now = this.#modules.now() / 1000;
    // Bytes may pass at any time and bring a shorter timeout with them (see timeoutsChanged).
    if (left > 0) return now + (table.has(slot, Flag.open) ? Math.min(left, this.#timeoutOf(slot)) : left);
    if (table.has(slot, Flag.template)) {
      if ((table.controlled[slot] ?? 0) === 0) {
        this.templates.remove(slot);
        return undefined;
      }
      // A template that still controls connections keeps a timeout of 60 s for good (ip_vs_conn.c, ip_vs_conn_expire).
      table.timeout[slot] = PINNED_TIMEOUT;
      this.#touch(slot);
      return now + PINNED_TIMEOUT;
    }
    if (!table.has(slot, Flag.open)) {
      this.#remove(slot);
      return undefined;
    }
    if (table.state[slot] === State.synRecv && !table.has(slot, Flag.abandoned)) {
      table.set(slot, Flag.abandoned);
      this.#tell(table.pump[slot] ?? 0, ToPump.abandon, slot);
    } else {
      this.#end(slot);
    }
    return now + 1;
  }

  #remove(slot: number): void {
    const { table } = this;
    this.#wheel.cancel(slot);
    this.#release(slot);
    table.destinations[slot]?.unbind(table.has(slot, Flag.active));
    table.unassign(slot);
    table.free(slot);
  }

  #touch(slot: number): void {
    this.#modules.activity[slot] = activityTick(this.#modules.now());
  }

  #schedule(slot: number): void {
    this.#wheel.schedule(slot, this.#modules.now() / 1000 + (this.table.timeout[slot] ?? 0));
  }

  #leastLoaded(): number {
    let best = 0;
    for (let pump = 1; pump < this.#load.length; pump++) {
      if ((this.#load[pump] ?? 0) < (this.#load[best] ?? 0)) best = pump;
    }
    return best;
  }

  #tell(pump: number, kind: number, a: number, b = 0, c = 0): void {
    this.#modules.pumps[pump]?.push(kind, a, b, c);
  }
}
