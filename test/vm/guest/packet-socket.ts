import { SOCK_RAW } from '../../../src/system/constants.ts';
import { close, sendto, socket } from '../../../src/system/libc.ts';
import { SystemCallError } from '../../../src/system/system-call-error.ts';

/** linux/if_packet.h, linux/if_ether.h: AF_PACKET, and the length of a struct sockaddr_ll. */
const AF_PACKET = 17;
const ADDRESS_BYTES = 20;

/** Sends whole Ethernet frames through one device (packet(7)). */
export class PacketSocket {
  readonly #fd: number;
  readonly #address = Buffer.alloc(ADDRESS_BYTES);

  /** `interfaceIndex` as in /sys/class/net/NAME/ifindex. */
  constructor(interfaceIndex: number) {
    this.#fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (this.#fd < 0) throw new SystemCallError('socket');
    this.#address.writeUInt16LE(AF_PACKET, 0);
    this.#address.writeInt32LE(interfaceIndex, 4);
  }

  send(frame: Uint8Array): void {
    const sent = sendto(this.#fd, frame, frame.length, 0, this.#address, ADDRESS_BYTES);
    if (sent !== frame.length) throw new SystemCallError('sendto');
  }

  close(): void {
    close(this.#fd);
  }
}
