import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../message.ts';
import type { NetlinkConnection } from '../netlink-connection.ts';
import { NetlinkError } from '../netlink-error.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import {
  decodeNeighbour,
  isIpNeighbour,
  type Neighbour,
  type NeighbourSettings,
  writeNeighbour,
  writeNeighbourQuery,
  writeNeighbourUse,
} from './neighbour.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from './route-message.ts';

/** The ARP and ND caches. */
export class Neighbours {
  readonly #connection: NetlinkConnection;

  constructor(connection: NetlinkConnection) {
    this.#connection = connection;
  }

  /** Those on one interface, or on all. */
  async list(index = 0): Promise<Neighbour[]> {
    const body = (writer: NetlinkWriter) => writeNeighbourQuery(writer, index);
    const neighbours: Neighbour[] = [];
    await this.#connection.request({
      name: 'RTM_GETNEIGH',
      type: RTM_GETNEIGH,
      dump: true,
      body,
      receive: (message) => {
        if (isIpNeighbour(message)) neighbours.push(decodeNeighbour(message));
      },
      restart: () => {
        neighbours.length = 0;
      },
    });
    return index === 0 ? neighbours : neighbours.filter((neighbour) => neighbour.index === index);
  }

  async add(settings: NeighbourSettings): Promise<void> {
    await this.#set(NLM_F_CREATE | NLM_F_EXCL, settings);
  }

  async replace(settings: NeighbourSettings): Promise<void> {
    await this.#set(NLM_F_CREATE | NLM_F_REPLACE, settings);
  }

  async delete(settings: NeighbourSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeNeighbour(writer, settings);
    await this.#connection.request({ name: 'RTM_DELNEIGH', type: RTM_DELNEIGH, body });
  }

  /** Has the kernel find out a neighbour's link-layer address, or make sure of it; a watch tells of the result. */
  async resolve(index: number, address: string): Promise<void> {
    const body = (writer: NetlinkWriter) => writeNeighbourUse(writer, index, address);
    await this.#connection.request({ name: 'RTM_NEWNEIGH', type: RTM_NEWNEIGH, flags: NLM_F_CREATE, body });
  }

  /** {@link resolve} for many; one that the kernel refuses, as on a link that is gone, keeps no other from it. */
  async resolveAll(neighbours: readonly Pick<Neighbour, 'index' | 'address'>[]): Promise<void> {
    const outcomes = await this.#connection.execute(
      neighbours.map(({ index, address }) => ({
        name: 'RTM_NEWNEIGH',
        type: RTM_NEWNEIGH,
        flags: NLM_F_CREATE,
        body: (writer: NetlinkWriter) => writeNeighbourUse(writer, index, address),
      })),
    );
    for (const failure of outcomes) {
      if (failure !== undefined && !(failure instanceof NetlinkError && failure.kind === 'refused'))
        throw failure;
    }
  }

  async #set(flags: number, settings: NeighbourSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeNeighbour(writer, settings);
    await this.#connection.request({ name: 'RTM_NEWNEIGH', type: RTM_NEWNEIGH, flags, body });
  }
}
