import { NLM_F_CREATE, NLM_F_EXCL } from '../message.ts';
import type { NetlinkConnection } from '../netlink-connection.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import {
  decodeInterfaceAddress,
  type InterfaceAddress,
  type InterfaceAddressSettings,
  writeAddressQuery,
  writeInterfaceAddress,
} from './interface-address.ts';
import { noneWhen } from './none-when.ts';
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from './route-message.ts';

/** The addresses of interfaces. */
export class InterfaceAddresses {
  readonly #connection: NetlinkConnection;

  constructor(connection: NetlinkConnection) {
    this.#connection = connection;
  }

  /** Those of one interface, none where it does not exist, or those of all. */
  async list(index = 0): Promise<InterfaceAddress[]> {
    const body = (writer: NetlinkWriter) => writeAddressQuery(writer, index);
    const request = { name: 'RTM_GETADDR', type: RTM_GETADDR, body };
    const addresses = await this.#connection.list(request, decodeInterfaceAddress).catch(noneWhen('ENODEV'));
    // Kernels before 4.20 do not filter.
    return index === 0 ? addresses : addresses.filter((address) => address.index === index);
  }

  async add(settings: InterfaceAddressSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeInterfaceAddress(writer, settings);
    const flags = NLM_F_CREATE | NLM_F_EXCL;
    await this.#connection.request({ name: 'RTM_NEWADDR', type: RTM_NEWADDR, flags, body });
  }

  async delete(settings: InterfaceAddressSettings): Promise<void> {
    const body = (writer: NetlinkWriter) => writeInterfaceAddress(writer, settings);
    await this.#connection.request({ name: 'RTM_DELADDR', type: RTM_DELADDR, body });
  }
}
