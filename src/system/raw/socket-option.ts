import { SO_BINDTODEVICE, SO_MARK, SOL_SOCKET } from '../constants.ts';
import { bind, close, setsockopt } from '../libc.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from '../socket-address.ts';
import { SystemCallError } from '../system-call-error.ts';

/** Where the packets of a socket without ports come from. What is absent is the system's choice. */
export interface PacketOrigin {
  /** 4 or 16 bytes, of the socket's family. */
  readonly address?: Uint8Array;
  /** Name of an interface (SO_BINDTODEVICE, socket(7)). */
  readonly interface?: string;
  /** 1 to 4294967295 (SO_MARK, socket(7)). */
  readonly mark?: number;
}

/** Sets interface, mark and address. Throws a SystemCallError whose `call` is the step that failed. */
export function applyPacketOrigin(fd: number, { address, interface: device, mark }: PacketOrigin): void {
  if (device !== undefined)
    setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`), 'SO_BINDTODEVICE');
  if (mark !== undefined) setOption(fd, SOL_SOCKET, SO_MARK, integerBytes(mark), 'SO_MARK');
  if (address === undefined) return;
  const into = new Uint8Array(SOCKET_ADDRESS_BYTES);
  if (bind(fd, into, writeSocketAddress(into, address, 0)) < 0) throw new SystemCallError('bind');
}

/** setsockopt(2). Throws a SystemCallError with `name` as its call. */
export function setOption(fd: number, level: number, option: number, value: Uint8Array, name: string): void {
  if (setsockopt(fd, level, option, value, value.length) < 0) throw new SystemCallError(name);
}

/** An option's value that is a 32-bit number. */
export function integerBytes(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** Prepares a socket, which is closed where that fails. */
export function prepared(fd: number, prepare: (fd: number) => void): number {
  if (fd < 0) throw new SystemCallError('socket');
  try {
    prepare(fd);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
