import { EBADF, EINTR, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from '../constants.ts';
import { close, lastErrno, sendto, socket } from '../libc.ts';
import { SystemCallError } from '../system-call-error.ts';
import { AF_PACKET } from './constants.ts';
import { LINK_ADDRESS_BYTES, linkAddress } from './packet-socket.ts';
import { prepared } from './socket-option.ts';

/**
 * Sends whole Ethernet frames, with whatever source address they have, by a packet(7) socket that receives nothing. Needs CAP_NET_RAW;
 * failures are SystemCallErrors.
 */
export class EthernetSender {
  readonly #fd: number;
  readonly #to: Uint8Array;
  #closed = false;

  /** `index` is that of the interface. */
  constructor(index: number) {
    this.#fd = prepared(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), () => {});
    this.#to = linkAddress({ index, protocol: 0, linkLayerAddress: new Uint8Array() });
  }

  send(frame: Uint8Array): void {
    if (this.#closed) throw new SystemCallError('sendto', EBADF);
    while (sendto(this.#fd, frame, frame.length, MSG_DONTWAIT, this.#to, LINK_ADDRESS_BYTES) < 0) {
      if (lastErrno() !== EINTR) throw new SystemCallError('sendto');
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    close(this.#fd);
  }
}
