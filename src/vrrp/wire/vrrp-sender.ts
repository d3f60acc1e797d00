import { addressBytes, familyOf, type IpAddress } from '../../model/address.ts';
import { RawIpSocket } from '../../system/raw/raw-ip-socket.ts';
import {
  type Advertisement,
  MULTICAST_GROUP,
  VRRP_HOP_LIMIT,
  VRRP_PROTOCOL,
} from '../packet/advertisement.ts';
import { encodeAdvertisement } from '../packet/encode-advertisement.ts';
import type { WireInterface } from './vrrp-receiver.ts';

/** DSCP CS6, network control (RFC 4594 section 3.1). */
const NETWORK_CONTROL = 0xc0;

export interface VrrpSenderOptions {
  /** Where packets come from; of the family that they are of. */
  readonly source: IpAddress;
  /** Absent: to the multicast group. */
  readonly peers?: readonly IpAddress[];
  readonly pseudoHeaderChecksum: boolean;
  /** 6 bytes that frames come from; not for peers. Absent: the interface's own hardware address. */
  readonly virtualMac?: Uint8Array;
}

/** Sends the advertisements of one virtual router. Needs CAP_NET_RAW; failures are SystemCallErrors. */
export class VrrpSender {
  readonly #socket: RawIpSocket;
  readonly #options: VrrpSenderOptions;
  readonly #peers: readonly IpAddress[];

  constructor(on: WireInterface, options: VrrpSenderOptions) {
    const family = familyOf(options.source);
    this.#options = options;
    this.#peers = options.peers ?? [MULTICAST_GROUP[family] as IpAddress];
    this.#socket = new RawIpSocket({
      family,
      protocol: VRRP_PROTOCOL,
      interface: on.name,
      index: on.index,
      hopLimit: VRRP_HOP_LIMIT,
      trafficClass: NETWORK_CONTROL,
      source: addressBytes(options.source),
    });
  }

  /** To every peer; one that cannot be reached does not keep it from the others: the first failure is thrown after that. */
  send(advertisement: Advertisement): void {
    const { source, pseudoHeaderChecksum } = this.#options;
    const failures: unknown[] = [];
    for (const destination of this.#peers) {
      try {
        const message = encodeAdvertisement(advertisement, { source, destination }, { pseudoHeaderChecksum });
        this.#socket.send(addressBytes(destination), message);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  close(): void {
    this.#socket.close();
  }
}
