import { isDeepStrictEqual } from 'node:util';
import type { Milliseconds } from '../model/unit.ts';
import type { VirtualAddress, VrrpGroupSettings, VrrpInstanceSettings, VrrpSettings } from '../model/vrrp.ts';
import type { VrrpStatus } from '../model/vrrp-status.ts';
import { InterfaceBoard } from './host/interface-board.ts';
import { RouteAlarm } from './host/route-alarm.ts';
import type { InstanceEvent } from './instance-events.ts';
import type { VrrpState } from './machine/virtual-router.ts';
import { notifyCommands, notifyLine, type StateChange } from './notify/notify-words.ts';
import { ScriptQueue } from './notify/script-queue.ts';
import { RunningGroup } from './running-group.ts';
import { RunningInstance } from './running-instance.ts';
import type { VrrpServiceModules } from './service-modules.ts';
import { Trackers } from './track/trackers.ts';
import { ReceiverPool } from './wire/receiver-pool.ts';

/** How long notify scripts have when the service ends, in milliseconds. */
const SCRIPTS_LIMIT = 10_000;
const OWNER = 255;
const NOTHING: VrrpSettings = {
  instances: [],
  groups: [],
  scripts: [],
  startupDelay: 0 as Milliseconds,
};

/** All virtual routers of a director. */
export class VrrpService {
  readonly #modules: VrrpServiceModules;
  readonly #board: InterfaceBoard;
  readonly #routes: RouteAlarm;
  readonly #receivers: ReceiverPool;
  readonly #trackers: Trackers;
  readonly #scripts: ScriptQueue;
  #settings: VrrpSettings = NOTHING;
  #virtual: ReadonlySet<string> = new Set();
  #instances: ReadonlyMap<string, RunningInstance> = new Map();
  #groups: readonly RunningGroup[] = [];
  #groupOf: ReadonlyMap<RunningInstance, RunningGroup> = new Map();
  /** Changes of the settings, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #mayBegin = false;
  #cancelDelay: () => void = () => {};
  #heldBy: string | undefined;
  #guardFault: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(modules: VrrpServiceModules) {
    this.#modules = modules;
    const { netlink, timers, wire, runScript, onEvent } = modules;
    const onChange = () => this.reconsider();
    const notFollowed = (what: string) => (error: unknown) => {
      const why = error instanceof Error ? error.message : error;
      onEvent({ kind: 'failure', text: `${what} were not followed any more, which is begun again: ${why}` });
    };
    this.#board = new InterfaceBoard(netlink, timers, {
      onChange: () => {
        this.reconsider();
        this.#lookAtHost('all');
      },
      onFailure: notFollowed('interfaces'),
    });
    this.#routes = new RouteAlarm(netlink, timers, {
      onLoss: () => this.#lookAtHost('routes'),
      onFailure: notFollowed('routes'),
    });
    this.#receivers = new ReceiverPool({
      wire,
      timers,
      onFailure: (text) => onEvent({ kind: 'failure', text }),
      onOddity: (text) => onEvent({ kind: 'oddity', text }),
      now: modules.now,
      onChange,
    });
    this.#trackers = new Trackers({ ...modules, onChange, findInterface: (name) => this.#board.find(name) });
    this.#scripts = new ScriptQueue(runScript, (name, text) => onEvent({ kind: 'failure', name, text }));
  }

  /**
   * Begins; instances wait for the settings' `startupDelay` and for the first results of what they track. Throws
   * where rtnetlink cannot be had.
   */
  async start(settings: VrrpSettings): Promise<void> {
    await this.#board.open();
    const begin = () => {
      this.#mayBegin = true;
      this.reconsider();
    };
    if (settings.startupDelay > 0)
      this.#cancelDelay = this.#modules.timers.after(settings.startupDelay, begin);
    else this.#mayBegin = true;
    await this.update(settings);
  }

  /**
   * Goes on with other settings: instances whose settings are the same are not touched, others end, having given up their addresses, before new
   * ones begin.
   */
  update(settings: VrrpSettings): Promise<void> {
    const updated = this.#work.then(() => this.#update(settings));
    this.#work = updated.catch(() => {});
    return updated;
  }

  /** Looks again at interfaces and at what is tracked; to be called when a quorum was gained or lost. */
  reconsider(): void {
    if (this.#closing !== undefined) return;
    for (const group of this.#groups) {
      const ofGroup = group.settings?.tracked ?? [];
      let isSettled = true;
      for (const member of group.members) {
        const tracked = [...member.settings.tracked, ...ofGroup];
        member.look(tracked.map((each) => this.#trackers.finding(each)));
        isSettled &&= member.isSettled && tracked.every((each) => this.#trackers.isSettled(each));
      }
      const hasBegun = group.members.some(({ machine }) => machine.router.state !== 'initialize');
      if (this.#mayBegin && (isSettled || hasBegun)) group.settle();
    }
  }

  /**
   * While a reason is given, a phrase, no instance takes over from a living master, as if none had `preempt`, nor begins as master where
   * others may be. A dead master is replaced all the same, and the owner of the addresses is not held. May be called before the start.
   */
  hold(reason: string | undefined): void {
    this.#heldBy = reason;
    for (const { machine } of this.#instances.values()) machine.hold(reason !== undefined);
  }

  status(): VrrpStatus {
    return {
      instances: [...this.#instances.values()].map((instance) => {
        const group = this.#groupOf.get(instance);
        const faults = group?.faults ?? instance.faults;
        const heldBy = isHoldable(instance) ? this.#heldBy : undefined;
        return {
          ...instance.status(),
          faults,
          ...(group?.settings && { group: group.settings.name }),
          ...(heldBy !== undefined && { heldBy }),
        };
      }),
      groups: this.#groups.flatMap((group) => group.status() ?? []),
      scripts: this.#trackers.status(),
      packets: this.#receivers.packets,
    };
  }

  /** Ends, having given up all addresses and said so; resolves when the host has let go of them. More than once does no harm. */
  stop(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    this.#cancelDelay();
    await this.#work;
    this.#trackers.close();
    await Promise.all([...this.#instances.values()].map((instance) => instance.stop()));
    await this.#scripts.close(SCRIPTS_LIMIT, this.#modules.timers);
    this.#board.close();
    this.#routes.close();
    this.#modules.guard.close();
    this.#modules.wire.close();
    this.#modules.netlink.close();
  }

  async #update(settings: VrrpSettings): Promise<void> {
    if (this.#closing !== undefined) return;
    const wanted = settings.instances.map((each) => inItsGroup(each, settings));
    const kept = new Map<string, RunningInstance>();
    const ended: RunningInstance[] = [];
    for (const [name, running] of this.#instances) {
      const fits = wanted.some((each) => isDeepStrictEqual(each, running.settings));
      if (fits) kept.set(name, running);
      else ended.push(running);
    }
    await Promise.all(ended.map((each) => each.stop()));
    this.#settings = settings;
    await this.#keepPacketsOut();
    this.#virtual = virtualAddressesOf(settings);
    this.#trackers.watch(settings);
    this.#instances = new Map(
      wanted.map((each) => [each.name, kept.get(each.name) ?? this.#instance(each)] as const),
    );
    this.#regroup();
    this.reconsider();
    if (settings.instances.some(({ routes, rules }) => routes.length + rules.length > 0)) this.#routes.open();
    else this.#routes.close();
  }

  async #keepPacketsOut(): Promise<void> {
    const { guard } = this.#modules;
    const isWanted = this.#settings.instances.some(({ accept, priority }) => !accept && priority !== OWNER);
    if (isWanted) this.#guardFault = await guard.open();
    else guard.close();
  }

  #instance(settings: VrrpInstanceSettings): RunningInstance {
    const { virtualLinks, host, wire, now, wallClock, timers } = this.#modules;
    const instance: RunningInstance = new RunningInstance(settings, {
      board: this.#board,
      receivers: this.#receivers,
      wire,
      host,
      virtualLinks,
      guardFault: () => this.#guardFault,
      now,
      wallClock,
      timers,
      reconsider: () => this.reconsider(),
      isVirtual: (address) => this.#virtual.has(address),
      onEvent: (event) => this.#take(instance, event),
    });
    instance.machine.hold(this.#heldBy !== undefined);
    return instance;
  }

  /** Has the host have what it is to have, whatever others changed. */
  #lookAtHost(what: 'all' | 'routes'): void {
    if (this.#closing !== undefined) return;
    for (const instance of this.#instances.values()) {
      if (what === 'all') instance.lookAtHost((address) => this.#isMasterOf(address, instance));
      instance.lookAtRoutes();
    }
  }

  /** Whether another instance is master of an address. */
  #isMasterOf({ address }: VirtualAddress, besides: RunningInstance): boolean {
    return [...this.#instances.values()].some(
      ({ machine }) =>
        machine !== besides.machine &&
        machine.router.state === 'master' &&
        machine.belongings.addresses.some((each) => each.address === address),
    );
  }

  #regroup(): void {
    const before = new Map(this.#groups.map((group) => [group.settings?.name, group]));
    const inGroups = new Set(this.#settings.groups.flatMap(({ instances }) => instances));
    const members = (names: readonly string[]) => names.flatMap((name) => this.#instances.get(name) ?? []);
    const alone = [...this.#instances.keys()].filter((name) => !inGroups.has(name));
    this.#groups = [
      ...this.#settings.groups.map((group) => {
        const onState = (state: VrrpState, from: VrrpState) => this.#tellGroup(group, state, from);
        return new RunningGroup(group, members(group.instances), onState, before.get(group.name)?.state);
      }),
      ...alone.map((name) => new RunningGroup(undefined, members([name]), () => {})),
    ];
    this.#groupOf = new Map(
      this.#groups.flatMap((group) => group.members.map((member) => [member, group] as const)),
    );
  }

  #take(instance: RunningInstance, event: InstanceEvent): void {
    const { name, notify } = instance.settings;
    const { onEvent } = this.#modules;
    switch (event.kind) {
      case 'state': {
        const { state, from, priority } = event;
        const faults = state === 'fault' ? this.#groupOf.get(instance)?.faults : undefined;
        const why = faults?.length ? ` (${faults.join(', ')})` : '';
        const text = `VRRP ${name}: ${from} -> ${state}, priority ${priority}${why}`;
        onEvent({ kind: 'state', subject: 'instance', name, state, text });
        this.#notify({ subject: 'INSTANCE', name, state, priority }, notify);
        this.#groupOf.get(instance)?.entered(instance, state);
        return;
      }
      case 'conflict': {
        const text = `VRRP ${name}: there is a second master, ${event.address ?? 'unknown'}, of priority ${event.priority}`;
        onEvent({ kind: 'conflict', name, text });
        return;
      }
      case 'oddity':
      case 'failure':
        onEvent({ kind: event.kind, name, text: `VRRP ${name}: ${event.text}` });
        return;
      default:
        throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
    }
  }

  #tellGroup({ name, notify }: VrrpGroupSettings, state: VrrpState, from: VrrpState): void {
    const text = `VRRP group ${name}: ${from} -> ${state}`;
    this.#modules.onEvent({ kind: 'state', subject: 'group', name, state, text });
    this.#notify({ subject: 'GROUP', name, state, priority: 0 }, notify);
  }

  #notify(change: StateChange, notify: VrrpInstanceSettings['notify']): void {
    this.#modules.tellFifos(notifyLine(change));
    for (const { command, args } of notifyCommands(change, notify))
      this.#scripts.run(`${change.subject} ${change.name}`, command, args);
  }
}

/** Neither the owner of the addresses nor a master is kept from anything. */
function isHoldable({ settings, machine }: RunningInstance): boolean {
  return settings.priority !== OWNER && machine.router.state !== 'master';
}

/** Members begin as masters only where all do; otherwise the others would pull them back at once. */
function inItsGroup(
  settings: VrrpInstanceSettings,
  { groups, instances }: VrrpSettings,
): VrrpInstanceSettings {
  const group = groups.find((each) => each.instances.includes(settings.name));
  if (group === undefined || settings.initialState === 'backup') return settings;
  const others = instances.filter(({ name }) => group.instances.includes(name));
  return others.every(({ initialState }) => initialState === 'master')
    ? settings
    : { ...settings, initialState: 'backup' };
}

/** Addresses that come and go; the owner has its own anyway. */
function virtualAddressesOf({ instances }: VrrpSettings): ReadonlySet<string> {
  return new Set(
    instances
      .filter(({ priority }) => priority !== OWNER)
      .flatMap(({ addresses, excludedAddresses }) => [...addresses, ...excludedAddresses])
      .map(({ address }) => address),
  );
}
