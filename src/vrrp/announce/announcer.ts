import { familyOf, type IpAddress } from '../../model/address.ts';
import { ETH_P_ARP, ETH_P_IPV6 } from '../../system/raw/constants.ts';
import { PacketSocket } from '../../system/raw/packet-socket.ts';
import { NOTHING_FILTER } from '../../system/raw/socket-filter.ts';
import { gratuitousArp } from './gratuitous-arp.ts';
import { neighbourAdvertisement } from './neighbour-advertisement.ts';

/** An interface that addresses are announced on. */
export interface AnnouncedOn {
  readonly index: number;
  /** 6 bytes: where the addresses are from now on. */
  readonly hardwareAddress: Uint8Array;
}

const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
/** Of ff02::1 (RFC 2464 section 7). */
const ALL_NODES_ETHERNET = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);

/** Tells neighbours and switches where addresses are. Needs CAP_NET_RAW; failures are SystemCallErrors. */
export class Announcer {
  readonly #socket = new PacketSocket(NOTHING_FILTER);

  /** `isRouter`: whether this host forwards IPv6. */
  announce(
    addresses: readonly IpAddress[],
    { index, hardwareAddress }: AnnouncedOn,
    isRouter: boolean,
  ): void {
    for (const address of addresses) {
      if (familyOf(address) === 'inet') {
        const to = { index, protocol: ETH_P_ARP, linkLayerAddress: BROADCAST };
        this.#socket.send(to, gratuitousArp(address, hardwareAddress));
      } else {
        const to = { index, protocol: ETH_P_IPV6, linkLayerAddress: ALL_NODES_ETHERNET };
        this.#socket.send(to, neighbourAdvertisement(address, hardwareAddress, isRouter));
      }
    }
  }

  close(): void {
    this.#socket.close();
  }
}
