import { familyOf, type IpAddress } from '../../model/address.ts';
import { EthernetSender } from '../../system/raw/ethernet-sender.ts';
import { type Advertisement, MULTICAST_GROUP } from '../packet/advertisement.ts';
import { advertisementFrame } from '../packet/advertisement-frame.ts';
import { encodeAdvertisement } from '../packet/encode-advertisement.ts';
import type { WireInterface } from './vrrp-receiver.ts';
import type { VrrpSenderOptions } from './vrrp-sender.ts';

/**
 * Sends the advertisements of one virtual router in frames from its virtual MAC address, by which switches learn where it is. They leave
 * by the interface itself: a master that gives up says so when the macvlan is down already. Needs CAP_NET_RAW; failures are
 * SystemCallErrors.
 */
export class VirtualMacSender {
  readonly #sender: EthernetSender;
  readonly #options: VrrpSenderOptions;
  readonly #address: Uint8Array;

  /** `address` is the virtual MAC address; peers of the options mean nothing here. */
  constructor(on: WireInterface, address: Uint8Array, options: VrrpSenderOptions) {
    this.#options = options;
    this.#address = address;
    this.#sender = new EthernetSender(on.index);
  }

  send(advertisement: Advertisement): void {
    const { source, pseudoHeaderChecksum } = this.#options;
    const envelope = { source, destination: MULTICAST_GROUP[familyOf(source)] as IpAddress };
    const message = encodeAdvertisement(advertisement, envelope, { pseudoHeaderChecksum });
    this.#sender.send(advertisementFrame(message, envelope, this.#address));
  }

  close(): void {
    this.#sender.close();
  }
}
