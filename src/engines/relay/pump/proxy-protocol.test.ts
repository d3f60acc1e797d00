import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressBytes, type IpAddress } from '../../../model/address.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from '../../../system/socket-address.ts';
import { proxyHeader } from './proxy-protocol.ts';

// Written out by hand from HAProxy's PROXY protocol specification, section 2.2: signature, version 2 and command PROXY,
// family and transport, length, source and destination address, source and destination port, all in network order.
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const INET = ['c0000201', '0a010203', 'd431', '01bb'];
const INET6 = ['20010db8000000000000000000000001', 'fd000000000000000000000000000abc', 'd431', '01bb'];
const EXAMPLES = [
  ['tcp', '192.0.2.1', '10.1.2.3', `${SIGNATURE}2111000c${INET.join('')}`],
  ['udp', '192.0.2.1', '10.1.2.3', `${SIGNATURE}2112000c${INET.join('')}`],
  ['tcp', '2001:db8::1', 'fd00::abc', `${SIGNATURE}21210024${INET6.join('')}`],
  ['udp', '2001:db8::1', 'fd00::abc', `${SIGNATURE}21220024${INET6.join('')}`],
] as const;

for (const [protocol, client, virtual, expected] of EXAMPLES) {
  test(`PROXY header of ${client} -> ${virtual} over ${protocol}`, () => {
    const header = proxyHeader(protocol, socketAddress(client, 54321), socketAddress(virtual, 443));
    assert.equal(Buffer.from(header).toString('hex'), expected);
  });
}

function socketAddress(address: string, port: number): Uint8Array {
  const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
  writeSocketAddress(bytes, addressBytes(address as IpAddress), port);
  return bytes;
}
