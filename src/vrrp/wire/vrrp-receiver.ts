import { addressBytes, addressFromBytes, type Family, type IpAddress } from '../../model/address.ts';
import { RawIpSocket } from '../../system/raw/raw-ip-socket.ts';
import { MULTICAST_GROUP, VRRP_HOP_LIMIT, VRRP_PROTOCOL } from '../packet/advertisement.ts';
import type { ReceivedPacket } from '../packet/decode-advertisement.ts';

/** An interface as the kernel knows it. */
export interface WireInterface {
  readonly name: string;
  readonly index: number;
}

/** Where packets are heard. */
export interface HeardOn extends WireInterface {
  /** 6 bytes: only what came in a frame from this hardware address is heard. */
  readonly onlyFrom?: Uint8Array;
}

/** Hears all VRRP packets of one family on one interface, multicast and unicast. Needs CAP_NET_RAW; failures are SystemCallErrors. */
export class VrrpReceiver {
  readonly #socket: RawIpSocket;
  #closed = false;

  /** `failed` is told when nothing can be received any more. */
  constructor(
    on: HeardOn,
    family: Family,
    heard: (packet: ReceivedPacket) => void,
    failed: (error: unknown) => void = () => {},
  ) {
    this.#socket = new RawIpSocket({
      family,
      protocol: VRRP_PROTOCOL,
      interface: on.name,
      index: on.index,
      hopLimit: VRRP_HOP_LIMIT,
      groups: [addressBytes(MULTICAST_GROUP[family] as IpAddress)],
      ...(on.onlyFrom !== undefined && { ethernetSource: on.onlyFrom }),
    });
    this.#run(heard).catch((error: unknown) => {
      if (!this.#closed) failed(error);
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  async #run(heard: (packet: ReceivedPacket) => void): Promise<void> {
    while (!this.#closed) {
      await this.#socket.readable();
      for (const { source, destination, hopLimit, payload } of this.#socket.receive()) {
        heard({
          source: addressFromBytes(source),
          destination: addressFromBytes(destination),
          hopLimit,
          message: payload,
        });
      }
    }
  }
}
