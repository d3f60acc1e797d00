import type { IpAddress } from '../model/address.ts';
import type { Milliseconds } from '../model/unit.ts';
import type { VrrpInstanceSettings } from '../model/vrrp.ts';
import type { VrrpInstanceCounts } from '../model/vrrp-status.ts';
import type { MasterBelongings, MasterHost } from './host/master-host.ts';
import { HostKeeper } from './host-keeper.ts';
import type { InstanceEvent } from './instance-events.ts';
import { compareAddresses, judgeAdvertisement, type Sender } from './machine/judge-advertisement.ts';
import { newVirtualRouter, step } from './machine/step.ts';
import {
  GIVING_UP,
  type VirtualRouter,
  type VirtualRouterSettings,
  type VrrpAction,
  type VrrpEvent,
} from './machine/virtual-router.ts';
import type { Advertisement } from './packet/advertisement.ts';
import { ToldTexts } from './told-texts.ts';

/** The owner of the addresses (RFC 9568 section 5.2.4). */
const OWNER = 255;
/** Who advertises again within so many intervals has not given up. */
const FAREWELL_INTERVALS = 1.5;
/** From one volley because of a lower priority to the next at least, in milliseconds; and from one line about a second master to the next. */
const ANNOUNCE_INTERVAL = 1000;
const CONFLICT_INTERVAL = 10_000;

export interface VrrpInstanceModules {
  /** Where advertisements of this instance come from; it may change. */
  readonly source: IpAddress;
  readonly host: MasterHost;
  /** Throws where the network is down. */
  readonly send: (advertisement: Advertisement) => void;
  /** Tells the neighbours of the instance's addresses. Throws where the network is down. */
  readonly announce: () => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly timers: {
    /** Calls back after that many milliseconds, unless the answer is called before. */
    readonly after: (milliseconds: number, callback: () => void) => () => void;
  };
  readonly onEvent: (event: InstanceEvent) => void;
}

/** A running instance: the state machine with its clock, its packets and what the master has the host have. */
export class VrrpInstance {
  readonly settings: VrrpInstanceSettings;
  /** What the host has while this is master, and not otherwise. */
  readonly belongings: MasterBelongings;
  readonly #modules: VrrpInstanceModules;
  readonly #machine: VirtualRouterSettings;
  #router: VirtualRouter;
  #cancelTimer: () => void = () => {};
  #cancelVolley: () => void = () => {};
  readonly #host: HostKeeper;
  readonly #oddities: ToldTexts;
  readonly #failures: ToldTexts;
  readonly #counts = {
    sent: 0,
    received: 0,
    priorityZeroSent: 0,
    priorityZeroReceived: 0,
    becameMaster: 0,
    releasedMaster: 0,
    conflicts: 0,
    revokedFarewells: 0,
  };
  readonly #dismissed: Record<string, number> = {};
  readonly #waiting: VrrpEvent[] = [];
  #isHandling = false;
  #lastHeard: { readonly address: IpAddress; readonly priority: number } | undefined;
  readonly #doneAt: { announce?: number; conflict?: number; take?: number } = {};
  /** The last time that a master said that it gives up. */
  #farewell: { readonly address: IpAddress; readonly at: number } | undefined;

  constructor(settings: VrrpInstanceSettings, modules: VrrpInstanceModules) {
    this.settings = settings;
    this.#modules = modules;
    this.#oddities = new ToldTexts(modules.now);
    this.#failures = new ToldTexts(modules.now);
    this.#machine = {
      version: settings.version,
      virtualRouterId: settings.virtualRouterId,
      initialState: settings.initialState,
      interval: settings.advertisementInterval,
      preempt: settings.preempt,
      preemptDelay: settings.preemptDelay,
      isOwner: settings.priority === OWNER,
    };
    this.#router = newVirtualRouter(this.#machine, settings.priority);
    this.belongings = belongingsOf(settings);
    const { host, now, timers, onEvent } = modules;
    const announce = () => this.#volleys(settings.announcements.delay);
    this.#host = new HostKeeper(this.belongings, { host, now, timers, announce, onEvent });
  }

  get router(): VirtualRouter {
    return this.#router;
  }

  get counts(): VrrpInstanceCounts {
    return { ...this.#counts, dismissed: { ...this.#dismissed } };
  }

  /** Of whom an advertisement was taken last. */
  get lastHeard(): { readonly address: IpAddress; readonly priority: number } | undefined {
    return this.#lastHeard;
  }

  /**
   * Begins, in FAULT where something is missing. What a run before this one left of the addresses goes first, unless they are the host's
   * own.
   */
  start(isFaulty = false): void {
    if (!this.#machine.isOwner) this.#host.clear();
    this.handle({ kind: isFaulty ? 'fault' : 'start' });
  }

  /** Whether it leaves living masters alone whatever their priority. It may be called before the start. */
  hold(isHeld: boolean): void {
    if (isHeld !== (this.#router.isHeld ?? false)) this.handle({ kind: 'hold', isHeld });
  }

  /** Ends, having given up the addresses and said so; resolves when the host has let go of them. */
  async stop(): Promise<void> {
    this.handle({ kind: 'stop' });
    this.#cancelTimer();
    this.#cancelVolley();
    await this.#host.close();
  }

  /** Has the host be as the state has it, whatever others changed; to be called when they may have. At most once a second. */
  lookAtHost(): void {
    this.#host.look();
  }

  /** An advertisement of this virtual router. */
  hear(advertisement: Advertisement, from: Sender): void {
    const { source } = from;
    this.#counts.received += 1;
    const { dismissal, oddities } = judgeAdvertisement(
      advertisement,
      from,
      this.settings,
      this.#modules.source,
    );
    for (const oddity of oddities) this.#tellOnce(`${source} ${oddity}`);
    if (dismissal !== undefined) {
      this.#dismissed[dismissal] = (this.#dismissed[dismissal] ?? 0) + 1;
      return;
    }
    if (advertisement.priority === GIVING_UP) this.#counts.priorityZeroReceived += 1;
    this.#lastHeard = { address: source, priority: advertisement.priority };
    this.#followFarewell(advertisement, source);
    const senderRank = compareAddresses(source, this.#modules.source);
    this.handle({ kind: 'advertisement', advertisement, senderRank });
  }

  /**
   * A master that gives up and goes on at once may never have said so: VRRP has nothing by which a packet that was sent again, or by somebody
   * else, could be told from the first.
   */
  #followFarewell({ priority, interval }: Advertisement, source: IpAddress): void {
    const now = this.#modules.now();
    const farewell = this.#farewell;
    if (priority === GIVING_UP) this.#farewell = { address: source, at: now };
    else if (farewell?.address === source) {
      this.#farewell = undefined;
      if (now - farewell.at > interval * FAREWELL_INTERVALS) return;
      this.#counts.revokedFarewells += 1;
      this.#tellOnce(
        `${source} gave up and goes on: unless it was started again at once, somebody sends or replays packets in its name`,
      );
    }
  }

  /** Has an event happen; one that comes of another, as in a sync group, happens after it. */
  handle(event: VrrpEvent): void {
    this.#waiting.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
        this.#handle(next);
    } finally {
      this.#isHandling = false;
    }
  }

  #handle(event: VrrpEvent): void {
    const { router, actions } = step(this.#router, this.#machine, event, this.#modules.now());
    this.#router = router;
    for (const action of actions) this.#carryOut(action);
    this.#cancelTimer();
    if (router.deadline === undefined) return;
    const wait = Math.max(0, router.deadline - this.#modules.now());
    this.#cancelTimer = this.#modules.timers.after(wait, () => this.handle({ kind: 'timeout' }));
  }

  #carryOut(action: VrrpAction): void {
    switch (action.kind) {
      case 'advertise':
        // Others may take the addresses only when they are free.
        if (action.priority === GIVING_UP) this.#host.afterwards(() => this.#advertise(GIVING_UP));
        else this.#advertise(action.priority);
        return;
      case 'take-addresses':
        this.#counts.becameMaster += 1;
        this.#doneAt.take = this.#modules.now();
        this.#host.want('take');
        this.#host.afterwards(() => this.#volleys(this.settings.announcements.delay));
        return;
      case 'give-addresses':
        this.#counts.releasedMaster += 1;
        this.#cancelVolley();
        this.#host.want('give');
        return;
      case 'announce': {
        // Whoever floods with advertisements is not to have the neighbours flooded.
        if (!this.#isDue('announce', ANNOUNCE_INTERVAL)) return;
        const {
          delay,
          lowerPriorityDelay = delay,
          repeat,
          lowerPriorityRepeat = repeat,
        } = this.settings.announcements;
        this.#volley(lowerPriorityRepeat);
        this.#volleyAfter(lowerPriorityDelay, lowerPriorityRepeat);
        return;
      }
      case 'conflict':
        this.#counts.conflicts += 1;
        if (!this.#isReplacing() && this.#isDue('conflict', CONFLICT_INTERVAL))
          this.#tellConflict(action.priority);
        return;
      case 'entered':
        this.#modules.onEvent({
          kind: 'state',
          state: action.state,
          from: action.from,
          priority: this.#router.priority,
        });
        return;
      default:
        throw new TypeError(`unknown action ${JSON.stringify(action satisfies never)}`);
    }
  }

  /** Whoever is replaced is heard once more by the new master, which is no conflict. */
  #isReplacing(): boolean {
    const since = this.#modules.now() - (this.#doneAt.take ?? Number.NEGATIVE_INFINITY);
    return this.#router.state === 'master' && since < 3 * this.settings.advertisementInterval;
  }

  #tellConflict(priority: number): void {
    const address = this.#lastHeard?.address;
    this.#modules.onEvent({ kind: 'conflict', priority, ...(address !== undefined && { address }) });
  }

  /** Whether something was not done for that many milliseconds; it is done now where that is so. */
  #isDue(what: 'announce' | 'conflict', interval: number): boolean {
    const now = this.#modules.now();
    const last = this.#doneAt[what];
    if (last !== undefined && now - last < interval) return false;
    this.#doneAt[what] = now;
    return true;
  }

  #advertise(priority: number): void {
    const { version, virtualRouterId, advertisementInterval, addresses, password } = this.settings;
    this.#attempt('no advertisement could be sent', () => {
      this.#modules.send({
        version,
        virtualRouterId,
        priority,
        interval: advertisementInterval,
        addresses: addresses.map(({ address }) => address),
        ...(password !== undefined && { password }),
      });
      this.#counts.sent += 1;
      if (priority === GIVING_UP) this.#counts.priorityZeroSent += 1;
    });
  }

  /** The first volley at once, then one after `delay`, then those that refresh. */
  #volleys(delay: Milliseconds): void {
    if (this.#router.state !== 'master') return;
    const { repeat } = this.settings.announcements;
    this.#volley(repeat);
    this.#volleyAfter(delay, repeat);
  }

  #volleyAfter(delay: Milliseconds, repeat: number): void {
    const { refresh, refreshRepeat } = this.settings.announcements;
    const first = delay > 0;
    const wait = first ? delay : refresh;
    this.#cancelVolley();
    if (wait <= 0) return;
    this.#cancelVolley = this.#modules.timers.after(wait, () => {
      this.#volley(first ? repeat : refreshRepeat);
      this.#volleyAfter(0 as Milliseconds, refreshRepeat);
    });
  }

  #volley(repeat: number): void {
    for (let count = 0; count < repeat; count++) {
      this.#attempt('the addresses could not be announced', this.#modules.announce);
    }
  }

  #attempt(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(what, error);
    }
  }

  #fail(what: string, error: unknown): void {
    const text = this.#failures.news(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    if (text !== undefined) this.#modules.onEvent({ kind: 'failure', text });
  }

  #tellOnce(oddity: string): void {
    const text = this.#oddities.news(oddity);
    if (text !== undefined) this.#modules.onEvent({ kind: 'oddity', text });
  }
}

function belongingsOf(settings: VrrpInstanceSettings): MasterBelongings {
  const { name, interface: device, addresses, excludedAddresses, routes, rules, priority } = settings;
  const { virtualMac, accept } = settings;
  const isOwner = priority === OWNER;
  return {
    interface: virtualMac?.interface ?? device,
    ...(virtualMac !== undefined && { isVirtualLink: true }),
    ...(!(accept || isOwner) && { guardedFor: name }),
    // The owner has its addresses anyway, but not on the interface that is made.
    addresses: isOwner && virtualMac === undefined ? [] : [...addresses, ...excludedAddresses],
    routes,
    rules,
  };
}
