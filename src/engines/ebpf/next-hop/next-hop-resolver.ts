import type { IpAddress } from '../../../model/address.ts';
import type { IpPrefix } from '../../../netlink/route/ip-address.ts';
import type { Link } from '../../../netlink/route/link.ts';
import type { Route } from '../../../netlink/route/route.ts';
import { type HostNetwork, type NetworkChange, neighbourKey } from '../network/host-network.ts';
import { contains } from './contains.ts';
import { findNextHop, type NeighbourPlace, neighbourOf, usableAddress } from './find-next-hop.ts';
import { NeighbourKeeper } from './neighbour-keeper.ts';
import { encodeNextHop, UNRESOLVED } from './next-hop.ts';

export interface NextHopModules {
  readonly network: Pick<HostNetwork, 'links' | 'neighbour' | 'netlink'>;
  /** Writes a destination's entry of `next_hops`. */
  readonly write: (id: number, entry: Uint8Array) => void;
  /** Next hops that the data plane remembers for clients may have lapsed. */
  readonly routesChanged: () => void;
  /** Whether some destination is this host from now on. */
  readonly localServers: (some: boolean) => void;
}

/** The way to one address, shared by all destinations that have it. */
interface Way {
  readonly address: string;
  readonly ids: Set<number>;
  route: Route | undefined;
  neighbour: NeighbourPlace | undefined;
  entry: Buffer;
  local: boolean;
  /** Whether `entry` is what the kernel says. */
  known: boolean;
}

/** Look-ups of one turn; others run in between. */
const LOOK_UPS = 512;
/** Changes of routes from which on every way is looked up, instead of finding out which are concerned. */
const MANY_CHANGES = 64;
/**
 * Every way is looked up again from time to time: rules and next-hop objects change without a word to us. A round takes this many
 * ticks, or more where there are more ways than so many a tick: that many take a hundredth of a processor.
 */
const RECHECK_TICKS = 30;
const MOST_RECHECKED = 256;
/**
 * Nobody's addresses (RFC 5737, RFC 3849), which leave by the default routes: their gateways stand between us and most clients, so
 * these neighbours are kept too.
 */
const FAR_AWAY = ['203.0.113.1', '2001:db8::1'];
const NOTHING = Buffer.from(encodeNextHop(UNRESOLVED));

/**
 * Keeps the entries of `next_hops` true to the kernel's routes, links and neighbours. It is told of changes, and does the work
 * when it is asked to: {@link work} after changes, {@link tick} every second or so.
 */
export class NextHopResolver {
  readonly #modules: NextHopModules;
  readonly #ways = new Map<string, Way>();
  readonly #byId = new Map<number, Way>();
  readonly #byNeighbour = new Map<string, Set<Way>>();
  readonly #keeper = new NeighbourKeeper();
  readonly #toLookUp = new Set<Way>();
  #changedRoutes: (IpPrefix | undefined)[] = [];
  #routesChanged = false;
  readonly #localWays = new Set<Way>();
  /** Unknown until all that a restart found has been looked up. */
  #localServers: boolean | undefined;
  /** Ways that this round of looking again has yet to come to. */
  #round: Way[] = [];
  #perTick = 0;

  constructor(modules: NextHopModules) {
    this.#modules = modules;
    for (const address of FAR_AWAY) this.#toLookUp.add(this.#wayTo(address));
  }

  /** Whether {@link work} has something to do. */
  get busy(): boolean {
    return this.#toLookUp.size > 0 || this.#changedRoutes.length > 0 || this.#routesChanged;
  }

  add(id: number, address: IpAddress): void {
    if (this.#byId.get(id)?.address === address) return;
    this.remove(id);
    const known = this.#ways.get(address);
    const way = known ?? this.#wayTo(address);
    way.ids.add(id);
    this.#byId.set(id, way);
    if (known === undefined) this.#toLookUp.add(way);
    // Packets go on by what an earlier process wrote until the first look-ups are done.
    if (way.known || this.#localServers !== undefined) this.#modules.write(id, way.entry);
    this.#noteLocal(way);
  }

  remove(id: number): void {
    const way = this.#byId.get(id);
    if (way === undefined) return;
    this.#byId.delete(id);
    way.ids.delete(id);
    this.#modules.write(id, NOTHING);
    this.#noteLocal(way);
    if (way.ids.size > 0 || FAR_AWAY.includes(way.address)) return;
    this.#useNeighbour(way, undefined);
    this.#ways.delete(way.address);
    this.#toLookUp.delete(way);
  }

  heard(change: NetworkChange): void {
    switch (change.kind) {
      case 'route':
        this.#routesChanged = true;
        this.#changedRoutes.push(change.route.destination);
        break;
      case 'link':
        if (!mattersToRoutes(change.before, change.now)) return;
        this.#lookUpAll();
        break;
      case 'address':
      case 'everything':
        this.#lookUpAll();
        break;
      case 'neighbour': {
        const [was, is] = [usableAddress(change.before), usableAddress(change.now)];
        if (was === is) return;
        // A client's next hop may be this neighbour. One that is new was nobody's.
        if (was !== undefined) this.#routesChanged = true;
        const { index, address } = change.now ?? change.before ?? { index: 0, address: '' };
        for (const way of this.#byNeighbour.get(neighbourKey(index, address)) ?? []) this.#update(way);
        break;
      }
      default:
        throw new Error(`unknown change ${change satisfies never}`);
    }
  }

  /** Looks up what may have changed. Rejects with a NetlinkError; what was not done is then done by the next call. */
  async work(now: number): Promise<void> {
    this.#markConcerned();
    if (this.#routesChanged) {
      this.#routesChanged = false;
      this.#modules.routesChanged();
    }
    let changed = false;
    while (this.#toLookUp.size > 0) {
      const ways = [...this.#toLookUp].slice(0, LOOK_UPS);
      const routes = await this.#modules.network.netlink.routes.lookUpAll(ways.map(({ address }) => address));
      ways.forEach((way, index) => {
        this.#toLookUp.delete(way);
        if (this.#ways.get(way.address) !== way) return;
        changed ||= way.known && !isSameWay(way.route, routes[index]);
        way.route = routes[index];
        this.#useNeighbour(way, neighbourOf(way.address, way.route));
        this.#update(way);
      });
    }
    if (changed) this.#modules.routesChanged();
    if (this.#localServers === undefined) this.#tellOfLocalServers();
    await this.#askNeighbours(now);
  }

  /** To be called every second or so: asks for neighbours that could lapse, looks some ways up again. `now` is in milliseconds. */
  async tick(now: number): Promise<void> {
    if (this.#round.length === 0) {
      this.#round = [...this.#ways.values()];
      this.#perTick = Math.min(MOST_RECHECKED, Math.ceil(this.#round.length / RECHECK_TICKS));
    }
    for (const way of this.#round.splice(-this.#perTick)) {
      if (this.#ways.get(way.address) === way) this.#toLookUp.add(way);
    }
    await this.work(now);
  }

  async #askNeighbours(now: number): Promise<void> {
    const { network } = this.#modules;
    const due = this.#keeper.due(now, ({ index, address }) => network.neighbour(index, address)?.state);
    if (due.length > 0) await network.netlink.neighbours.resolveAll(due);
  }

  #wayTo(address: string): Way {
    const way: Way = {
      address,
      ids: new Set(),
      route: undefined,
      neighbour: undefined,
      entry: NOTHING,
      local: false,
      known: false,
    };
    this.#ways.set(address, way);
    return way;
  }

  #lookUpAll(): void {
    this.#routesChanged = true;
    for (const way of this.#ways.values()) this.#toLookUp.add(way);
  }

  #markConcerned(): void {
    const changed = this.#changedRoutes;
    if (changed.length === 0) return;
    this.#changedRoutes = [];
    const many = changed.length >= MANY_CHANGES;
    for (const way of this.#ways.values()) {
      if (many || changed.some((prefix) => concerns(prefix, way))) this.#toLookUp.add(way);
    }
  }

  #useNeighbour(way: Way, place: NeighbourPlace | undefined): void {
    const before = way.neighbour;
    if (before?.index === place?.index && before?.address === place?.address) return;
    if (before !== undefined) {
      const key = neighbourKey(before.index, before.address);
      this.#keeper.release(before);
      this.#byNeighbour.get(key)?.delete(way);
      if (this.#byNeighbour.get(key)?.size === 0) this.#byNeighbour.delete(key);
    }
    way.neighbour = place;
    if (place === undefined) return;
    const key = neighbourKey(place.index, place.address);
    this.#keeper.use(place);
    const users = this.#byNeighbour.get(key) ?? new Set();
    this.#byNeighbour.set(key, users.add(way));
  }

  #update(way: Way): void {
    const { links, neighbour } = this.#modules.network;
    const link = links.get(way.route?.index ?? 0);
    const at = way.neighbour;
    const hop = findNextHop(
      way.route,
      link,
      at && neighbour.call(this.#modules.network, at.index, at.address),
    );
    const entry = Buffer.from(encodeNextHop(hop));
    if (way.known && entry.equals(way.entry)) return;
    way.known = true;
    way.entry = entry;
    for (const id of way.ids) this.#modules.write(id, entry);
    way.local = hop.local;
    this.#noteLocal(way);
  }

  #noteLocal(way: Way): void {
    if (way.local && way.ids.size > 0) this.#localWays.add(way);
    else this.#localWays.delete(way);
    if (this.#localServers !== undefined) this.#tellOfLocalServers();
  }

  #tellOfLocalServers(): void {
    const some = this.#localWays.size > 0;
    if (some === this.#localServers) return;
    this.#localServers = some;
    this.#modules.localServers(some);
  }
}

function isSameWay(before: Route | undefined, now: Route | undefined): boolean {
  return before?.type === now?.type && before?.index === now?.index && before?.gateway === now?.gateway;
}

/** Whether routes may go another way, or packets have another shape, after a change of a link. */
function mattersToRoutes(before: Link | undefined, now: Link | undefined): boolean {
  if (before === undefined || now === undefined) return true;
  const facts = ({ up, carrier, mtu, address, flags, master }: Link) =>
    [up, carrier, mtu, address, flags, master].join();
  return facts(before) !== facts(now);
}

/** Whether a route to a prefix, or the default route, can be the way to an address: its own, or that of its gateway. */
function concerns(prefix: IpPrefix | undefined, { address, neighbour }: Way): boolean {
  if (prefix === undefined) return true;
  return contains(prefix, address) || (neighbour !== undefined && contains(prefix, neighbour.address));
}
