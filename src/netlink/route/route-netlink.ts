import { NETLINK_ROUTE } from '../../system/constants.ts';
import {
  NetlinkConnection,
  type NetlinkConnectionOptions,
  openNetlinkSocket,
} from '../netlink-connection.ts';
import type { NetlinkTransport } from '../netlink-transport.ts';
import { InterfaceAddresses } from './interface-addresses.ts';
import { Links } from './links.ts';
import { Neighbours } from './neighbours.ts';
import { GROUPS, RouteWatch, type Watched } from './route-watch.ts';
import { Routes } from './routes.ts';
import { Rules } from './rules.ts';

/** Bytes of changes that may wait for a slow watcher. */
const WATCH_BUFFER = 4 * 1024 * 1024;

/** How sockets are opened: with the groups to hear, or with none for requests. */
export type OpenRouteSocket = (groups: readonly number[]) => NetlinkTransport;

/**
 * rtnetlink(7): the links, addresses, routes, rules and neighbours of the network namespace that it was opened in. Changes need
 * CAP_NET_ADMIN. What the kernel refuses rejects with a NetlinkError of kind `refused`.
 */
export class RouteNetlink {
  readonly links: Links;
  readonly addresses: InterfaceAddresses;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  readonly rules: Rules;
  readonly #connection: NetlinkConnection;
  readonly #open: OpenRouteSocket;

  constructor(open: OpenRouteSocket = openRouteSocket, options: NetlinkConnectionOptions = {}) {
    this.#open = open;
    this.#connection = new NetlinkConnection(open([]), options);
    this.links = new Links(this.#connection);
    this.addresses = new InterfaceAddresses(this.#connection);
    this.routes = new Routes(this.#connection);
    this.neighbours = new Neighbours(this.#connection);
    this.rules = new Rules(this.#connection);
  }

  /** Changes from now on, over a socket of their own. */
  watch(...watched: readonly Watched[]): RouteWatch {
    return new RouteWatch(this.#open([...new Set(watched)].flatMap((kind) => GROUPS[kind])));
  }

  /** Ends requests; watches go on until they are closed. */
  close(): void {
    this.#connection.close();
  }
}

function openRouteSocket(groups: readonly number[]): NetlinkTransport {
  return groups.length === 0
    ? openNetlinkSocket(NETLINK_ROUTE, { strictChecking: true })
    : openNetlinkSocket(NETLINK_ROUTE, { groups, receiveBuffer: WATCH_BUFFER });
}
