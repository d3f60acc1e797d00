import type { Link } from '../../../netlink/route/link.ts';
import type { Neighbour } from '../../../netlink/route/neighbour.ts';
import type { Route } from '../../../netlink/route/route.ts';
import { RouteNetlink } from '../../../netlink/route/route-netlink.ts';
import type { RouteChange, RouteWatch } from '../../../netlink/route/route-watch.ts';

/** What changed; absent is what was not, or is not any more. */
export type NetworkChange =
  | { readonly kind: 'link'; readonly before: Link | undefined; readonly now: Link | undefined }
  | {
      readonly kind: 'neighbour';
      readonly before: Neighbour | undefined;
      readonly now: Neighbour | undefined;
    }
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'address' }
  /** More than could be followed: everything was listed anew. */
  | { readonly kind: 'everything' };

/** Milliseconds before a watch that failed is tried again. */
const RETRY = 1000;

/**
 * The links and neighbours of this network namespace as they are now, by following rtnetlink. Listeners hear of a change when
 * the maps have it.
 */
export class HostNetwork {
  readonly netlink: RouteNetlink;
  readonly #warn: (text: string) => void;
  readonly #links = new Map<number, Link>();
  readonly #neighbours = new Map<string, Neighbour>();
  readonly #listeners = new Set<(change: NetworkChange) => void>();
  #watch: RouteWatch;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(netlink: RouteNetlink, warn: (text: string) => void) {
    this.netlink = netlink;
    this.#warn = warn;
    this.#watch = this.#openWatch();
  }

  /** Closes the connection when it is closed, and also where this throws: a NetlinkError. */
  static async open(
    warn: (text: string) => void,
    netlink: RouteNetlink = new RouteNetlink(),
  ): Promise<HostNetwork> {
    const network = new HostNetwork(netlink, warn);
    try {
      await network.#list();
    } catch (error) {
      network.close();
      throw error;
    }
    void network.#follow();
    return network;
  }

  /** By index. */
  get links(): ReadonlyMap<number, Link> {
    return this.#links;
  }

  neighbour(index: number, address: string): Neighbour | undefined {
    return this.#neighbours.get(neighbourKey(index, address));
  }

  /** Returns what ends it. */
  listen(listener: (change: NetworkChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#watch.close();
    this.netlink.close();
  }

  #openWatch(): RouteWatch {
    return this.netlink.watch('link', 'address', 'route', 'neighbour');
  }

  async #list(): Promise<void> {
    const [links, neighbours] = [await this.netlink.links.list(), await this.netlink.neighbours.list()];
    this.#links.clear();
    this.#neighbours.clear();
    for (const link of links) this.#links.set(link.index, link);
    for (const neighbour of neighbours) this.#neighbours.set(keyOf(neighbour), neighbour);
  }

  /** Changes that were listed already come again in their order, and end where the list is, or later. */
  async #follow(): Promise<void> {
    try {
      for await (const change of this.#watch) {
        if (change.kind === 'lost') await this.#list();
        this.#tell(this.#take(change));
      }
    } catch (error) {
      if (this.#closed) return;
      this.#warn(`changes of the network were missed and are read anew: ${(error as Error).message}`);
      this.#retry = setTimeout(() => void this.#restart(), RETRY);
    }
  }

  async #restart(): Promise<void> {
    try {
      this.#watch = this.#openWatch();
      await this.#list();
      this.#tell({ kind: 'everything' });
      void this.#follow();
    } catch (error) {
      this.#watch.close();
      if (this.#closed) return;
      this.#warn(`the network cannot be followed: ${(error as Error).message}`);
      this.#retry = setTimeout(() => void this.#restart(), RETRY);
    }
  }

  #take(change: RouteChange): NetworkChange {
    switch (change.kind) {
      case 'link': {
        const now = change.change === 'set' ? change.link : undefined;
        return { kind: 'link', before: exchange(this.#links, change.link.index, now), now };
      }
      case 'neighbour': {
        const now = change.change === 'set' ? change.neighbour : undefined;
        return { kind: 'neighbour', before: exchange(this.#neighbours, keyOf(change.neighbour), now), now };
      }
      case 'route':
        return { kind: 'route', route: change.route };
      case 'address':
        return { kind: 'address' };
      case 'rule':
      case 'lost':
        return { kind: 'everything' };
      default:
        throw new Error(`unknown change ${change satisfies never}`);
    }
  }

  #tell(change: NetworkChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** A neighbour's name among all. */
export function neighbourKey(index: number, address: string): string {
  return `${index} ${address}`;
}

function keyOf({ index, address }: Neighbour): string {
  return neighbourKey(index, address);
}

/** Puts the value in, or takes the key out, and returns what was there. */
function exchange<K, V>(map: Map<K, V>, key: K, value: V | undefined): V | undefined {
  const before = map.get(key);
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  return before;
}
