import { readFileSync } from 'node:fs';
import { type Family, familyOf, type IpAddress } from '../../model/address.ts';
import { type AnnouncedOn, Announcer } from '../announce/announcer.ts';
import type { Advertisement } from '../packet/advertisement.ts';
import type { ReceivedPacket } from '../packet/decode-advertisement.ts';
import { VirtualMacSender } from './virtual-mac-sender.ts';
import { type HeardOn, VrrpReceiver, type WireInterface } from './vrrp-receiver.ts';
import { VrrpSender, type VrrpSenderOptions } from './vrrp-sender.ts';

/** The network, as far as VRRP has to do with it. What cannot be opened or sent is thrown. */
export interface VrrpWire {
  /** `failed` is told when nothing can be received any more. */
  receive(
    on: HeardOn,
    family: Family,
    heard: (packet: ReceivedPacket) => void,
    failed: (error: unknown) => void,
  ): { close(): void };
  sender(
    on: WireInterface,
    options: VrrpSenderOptions,
  ): { send(advertisement: Advertisement): void; close(): void };
  announce(addresses: readonly IpAddress[], on: AnnouncedOn): void;
  close(): void;
}

const FORWARDING = '/proc/sys/net/ipv6/conf/all/forwarding';

/** The network of this host, by raw sockets. */
export class SystemVrrpWire implements VrrpWire {
  #announcer: Announcer | undefined;

  receive(...[on, family, heard, failed]: Parameters<VrrpWire['receive']>): VrrpReceiver {
    return new VrrpReceiver(on, family, heard, failed);
  }

  sender(...[on, options]: Parameters<VrrpWire['sender']>): ReturnType<VrrpWire['sender']> {
    const { virtualMac } = options;
    return virtualMac === undefined
      ? new VrrpSender(on, options)
      : new VirtualMacSender(on, virtualMac, options);
  }

  announce(addresses: readonly IpAddress[], on: AnnouncedOn): void {
    this.#announcer ??= new Announcer();
    const isRouter = addresses.some((address) => familyOf(address) === 'inet6') && forwardsIpv6();
    this.#announcer.announce(addresses, on, isRouter);
  }

  close(): void {
    this.#announcer?.close();
    this.#announcer = undefined;
  }
}

function forwardsIpv6(): boolean {
  try {
    return readFileSync(FORWARDING, 'latin1').trim() !== '0';
  } catch {
    return false;
  }
}
