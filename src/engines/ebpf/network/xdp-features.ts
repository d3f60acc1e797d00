import { AttributeReader } from '../../../netlink/attribute-reader.ts';
import {
  GENERIC_HEADER_BYTES,
  type GenericFamily,
  GenericNetlink,
  genericRequest,
} from '../../../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../../../netlink/message.ts';
import { NetlinkError } from '../../../netlink/netlink-error.ts';

/** linux/netdev.h */
const NETDEV_CMD_DEV_GET = 1;
const NETDEV_A_DEV_IFINDEX = 1;
const NETDEV_A_DEV_XDP_FEATURES = 3;
const NETDEV_XDP_ACT_NDO_XMIT = 1n << 2n;

/** Which devices XDP can send frames out of: the kernel tells from Linux 6.3 on, by the generic netlink family `netdev`. */
export class XdpFeatures {
  readonly #netlink: GenericNetlink;
  #family: GenericFamily | undefined;

  constructor(netlink: GenericNetlink = GenericNetlink.open()) {
    this.#netlink = netlink;
  }

  /** Indices of the devices; none where the kernel does not tell. Rejects with a NetlinkError. */
  async targets(): Promise<ReadonlySet<number>> {
    try {
      this.#family ??= await this.#netlink.family('netdev');
    } catch (error) {
      if (error instanceof NetlinkError && error.code === 'ENOENT') return new Set();
      throw error;
    }
    const request = genericRequest(this.#family, {
      name: 'NETDEV_CMD_DEV_GET',
      command: NETDEV_CMD_DEV_GET,
      dump: true,
    });
    const devices = await this.#netlink.connection.get(request, decodeDevice);
    return new Set(devices.filter(({ target }) => target).map(({ index }) => index));
  }

  close(): void {
    this.#netlink.close();
  }
}

function decodeDevice({ payload }: NetlinkMessage): { readonly index: number; readonly target: boolean } {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  const device = { index: 0, target: false };
  while (reader.next()) {
    if (reader.type === NETDEV_A_DEV_IFINDEX) device.index = reader.u32();
    else if (reader.type === NETDEV_A_DEV_XDP_FEATURES) {
      device.target = (reader.u64() & NETDEV_XDP_ACT_NDO_XMIT) !== 0n;
    }
  }
  reader.finish();
  return device;
}
