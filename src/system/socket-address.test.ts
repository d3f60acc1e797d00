import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { describe, test } from 'node:test';
import {
  SOCKET_ADDRESS_BYTES,
  socketAddressBytes,
  socketAddressLength,
  socketAddressPort,
  writeSocketAddress,
} from './socket-address.ts';

/** sa_family in host order. */
const family = (number: number): number[] => (endianness() === 'LE' ? [number, 0] : [0, number]);

describe('struct sockaddr', () => {
  test('of IPv4: family 2, port and address in network order, zeros', () => {
    const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES).fill(0xee);
    assert.equal(writeSocketAddress(bytes, Uint8Array.of(192, 0, 2, 7), 0x1f90), 16);
    assert.deepEqual([...bytes.subarray(0, 16)], [...family(2), 0x1f, 0x90, 192, 0, 2, 7, ...zeros(8)]);
    assert.equal(socketAddressLength(bytes), 16);
    assert.equal(socketAddressPort(bytes), 0x1f90);
    assert.deepEqual([...socketAddressBytes(bytes)], [192, 0, 2, 7]);
  });

  test('of IPv6: family 10, port, no flow, address, no scope', () => {
    const address = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
    const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES).fill(0xee);
    assert.equal(writeSocketAddress(bytes, address, 65535), 28);
    assert.deepEqual([...bytes], [...family(10), 255, 255, ...zeros(4), ...address, ...zeros(4)]);
    assert.equal(socketAddressLength(bytes), 28);
    assert.equal(socketAddressPort(bytes), 65535);
    assert.deepEqual([...socketAddressBytes(bytes)], [...address]);
  });

  test('an IPv4 address leaves nothing of an IPv6 one that was there before', () => {
    const bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
    writeSocketAddress(bytes, new Uint8Array(16).fill(0xff), 1);
    writeSocketAddress(bytes, Uint8Array.of(127, 0, 0, 1), 80);
    assert.deepEqual([...bytes.subarray(8)], zeros(20));
  });
});

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}
