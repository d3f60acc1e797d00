import {
  socketAddressBytes,
  socketAddressLength,
  socketAddressPort,
} from '../../../system/socket-address.ts';

/** The 12 bytes that open every header of version 2 (HAProxy's PROXY protocol specification, section 2.2). */
const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const VERSION_2_PROXY = 0x21;
const TCP_OVER_INET = 0x11;
const UDP_OVER_INET = 0x12;
const TCP_OVER_INET6 = 0x21;
const UDP_OVER_INET6 = 0x22;

/**
 * A PROXY protocol header, version 2, that tells a server the client's and the virtual service's address and port. Both
 * are given as struct sockaddr of one family.
 */
export function proxyHeader(protocol: 'tcp' | 'udp', client: Uint8Array, virtual: Uint8Array): Uint8Array {
  const inet6 = socketAddressLength(client) === 28;
  const addressBytes = inet6 ? 16 : 4;
  const payload = addressBytes * 2 + 4;
  const header = new Uint8Array(16 + payload);
  header.set(SIGNATURE);
  header[12] = VERSION_2_PROXY;
  if (protocol === 'tcp') header[13] = inet6 ? TCP_OVER_INET6 : TCP_OVER_INET;
  else header[13] = inet6 ? UDP_OVER_INET6 : UDP_OVER_INET;
  const view = new DataView(header.buffer);
  view.setUint16(14, payload);
  header.set(socketAddressBytes(client), 16);
  header.set(socketAddressBytes(virtual), 16 + addressBytes);
  view.setUint16(16 + addressBytes * 2, socketAddressPort(client));
  view.setUint16(18 + addressBytes * 2, socketAddressPort(virtual));
  return header;
}
