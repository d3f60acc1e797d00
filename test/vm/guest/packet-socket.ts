import { EAGAIN, MSG_DONTWAIT, SOCK_RAW } from '../../../src/system/constants.ts';
import { bind, close, lastErrno, recv, sendto, socket } from '../../../src/system/libc.ts';
import { SystemCallError } from '../../../src/system/system-call-error.ts';

/** linux/if_packet.h, linux/if_ether.h: AF_PACKET, and the length of a struct sockaddr_ll; ETH_P_ALL. */
const AF_PACKET = 17;
const ADDRESS_BYTES = 20;
const ALL_PROTOCOLS = 3;
const LONGEST_FRAME = 70_000;

/** Sends whole Ethernet frames through one device, and receives what others send through it or what comes in (packet(7)). */
export class PacketSocket {
  readonly #fd: number;
  readonly #address = Buffer.alloc(ADDRESS_BYTES);
  readonly #buffer = Buffer.alloc(LONGEST_FRAME);

  /** `interfaceIndex` as in /sys/class/net/NAME/ifindex. */
  constructor(interfaceIndex: number, { receives = false } = {}) {
    this.#fd = socket(AF_PACKET, SOCK_RAW, 0);
    if (this.#fd < 0) throw new SystemCallError('socket');
    this.#address.writeUInt16LE(AF_PACKET, 0);
    if (receives) this.#address.writeUInt16BE(ALL_PROTOCOLS, 2);
    this.#address.writeInt32LE(interfaceIndex, 4);
    if (receives && bind(this.#fd, this.#address, ADDRESS_BYTES) < 0) throw new SystemCallError('bind');
  }

  send(frame: Uint8Array): void {
    const sent = sendto(this.#fd, frame, frame.length, 0, this.#address, ADDRESS_BYTES);
    if (sent !== frame.length) throw new SystemCallError('sendto');
  }

  /** The next frame, or undefined where none is there yet. */
  receive(): Buffer | undefined {
    const length = recv(this.#fd, this.#buffer, LONGEST_FRAME, MSG_DONTWAIT);
    if (length >= 0) return Buffer.from(this.#buffer.subarray(0, length));
    if (lastErrno() === EAGAIN) return undefined;
    throw new SystemCallError('recv');
  }

  close(): void {
    close(this.#fd);
  }
}
