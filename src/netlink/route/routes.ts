import { type NetlinkMessage, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../message.ts';
import type { NetlinkConnection } from '../netlink-connection.ts';
import { NetlinkError } from '../netlink-error.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import { noneWhen } from './none-when.ts';
import {
  decodeRoute,
  type Route,
  type RouteFilter,
  type RouteSettings,
  RT_SCOPE_NOWHERE,
  writeRoute,
  writeRouteLookup,
  writeRouteQuery,
} from './route.ts';
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from './route-message.ts';

/** The routes of every table. */
export class Routes {
  readonly #connection: NetlinkConnection;

  constructor(connection: NetlinkConnection) {
    this.#connection = connection;
  }

  async list(filter: RouteFilter = {}): Promise<Route[]> {
    const body = (writer: NetlinkWriter) => writeRouteQuery(writer, filter);
    const request = { name: 'RTM_GETROUTE', type: RTM_GETROUTE, body };
    // A table without routes does not exist.
    const routes = await this.#connection.list(request, decodeRoute).catch(noneWhen('ENOENT'));
    return routes.filter(
      ({ table, index }) =>
        (filter.table === undefined || table === filter.table) &&
        (filter.index === undefined || index === filter.index),
    );
  }

  /** How packets to an address would leave; undefined where they would not. */
  async lookUp(address: string): Promise<Route | undefined> {
    const body = (writer: NetlinkWriter) => writeRouteLookup(writer, address);
    const request = { name: 'RTM_GETROUTE', type: RTM_GETROUTE, body };
    const [route] = await this.#connection.get(request, decodeRoute).catch(noneWhen('ENETUNREACH'));
    return route;
  }

  /** {@link lookUp} for many addresses at once; also undefined where the kernel refuses: a blackhole, a prohibition. */
  async lookUpAll(addresses: readonly string[]): Promise<(Route | undefined)[]> {
    const routes: (Route | undefined)[] = addresses.map(() => undefined);
    const outcomes = await this.#connection.execute(
      addresses.map((address, index) => ({
        name: 'RTM_GETROUTE',
        type: RTM_GETROUTE,
        body: (writer: NetlinkWriter) => writeRouteLookup(writer, address),
        receive: (message: NetlinkMessage) => {
          routes[index] = decodeRoute(message);
        },
      })),
    );
    for (const failure of outcomes) {
      if (failure !== undefined && !(failure instanceof NetlinkError && failure.kind === 'refused'))
        throw failure;
    }
    return routes;
  }

  async add(settings: RouteSettings): Promise<void> {
    await this.#set(NLM_F_CREATE | NLM_F_EXCL, settings);
  }

  /** Adds a route in the place of one to the same destination with the same metric, or anew. */
  async replace(settings: RouteSettings): Promise<void> {
    await this.#set(NLM_F_CREATE | NLM_F_REPLACE, settings);
  }

  async delete(settings: RouteSettings): Promise<void> {
    const any: RouteSettings = { type: 'unspecified', protocol: 0, scope: RT_SCOPE_NOWHERE };
    const body = (writer: NetlinkWriter) => writeRoute(writer, { ...any, ...settings });
    await this.#connection.request({ name: 'RTM_DELROUTE', type: RTM_DELROUTE, body });
  }

  async #set(flags: number, settings: RouteSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeRoute(writer, settings);
    await this.#connection.request({ name: 'RTM_NEWROUTE', type: RTM_NEWROUTE, flags, body });
  }
}
