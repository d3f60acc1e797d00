import { NLM_F_CREATE, NLM_F_EXCL } from '../message.ts';
import type { NetlinkConnection } from '../netlink-connection.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import {
  decodeLink,
  type Link,
  type LinkChanges,
  type LinkSettings,
  writeLinkChanges,
  writeLinkQuery,
  writeLinkSettings,
} from './link.ts';
import { noneWhen } from './none-when.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from './route-message.ts';

/** The network interfaces. */
export class Links {
  readonly #connection: NetlinkConnection;

  constructor(connection: NetlinkConnection) {
    this.#connection = connection;
  }

  list(): Promise<Link[]> {
    const body = (writer: NetlinkWriter) => writeLinkQuery(writer);
    return this.#connection.list({ name: 'RTM_GETLINK', type: RTM_GETLINK, body }, decodeLink);
  }

  /** By index or name; undefined where there is none. */
  async find(which: number | string): Promise<Link | undefined> {
    const body = (writer: NetlinkWriter) => writeLinkQuery(writer, which);
    const found = this.#connection.get({ name: 'RTM_GETLINK', type: RTM_GETLINK, body }, decodeLink);
    const [link] = await found.catch(noneWhen('ENODEV'));
    return link;
  }

  async add(settings: LinkSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeLinkSettings(writer, settings);
    const flags = NLM_F_CREATE | NLM_F_EXCL;
    await this.#connection.request({ name: 'RTM_NEWLINK', type: RTM_NEWLINK, flags, body });
  }

  async change(index: number, changes: LinkChanges): Promise<void> {
    const body = (writer: NetlinkWriter) => writeLinkChanges(writer, index, changes);
    await this.#connection.request({ name: 'RTM_NEWLINK', type: RTM_NEWLINK, body });
  }

  async delete(index: number): Promise<void> {
    const body = (writer: NetlinkWriter) => writeLinkChanges(writer, index, {});
    await this.#connection.request({ name: 'RTM_DELLINK', type: RTM_DELLINK, body });
  }
}
