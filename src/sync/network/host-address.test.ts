import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import { addressFor, type HostAddress, hostAddresses, isLinkLocal, isNeighbour } from './host-address.ts';

const ADDRESSES: readonly HostAddress[] = [
  { interface: 'lo', address: '127.0.0.1' as IpAddress, prefixLength: 8 },
  { interface: 'eth0', address: '10.0.0.1' as IpAddress, prefixLength: 24 },
  { interface: 'eth0', address: '10.0.0.9' as IpAddress, prefixLength: 32 },
  { interface: 'eth0', address: 'fe80::1' as IpAddress, prefixLength: 64 },
  { interface: 'eth0', address: 'fd00::1' as IpAddress, prefixLength: 61 },
];
const addressOf = (group: string, used?: string, device = 'eth0'): IpAddress | undefined =>
  addressFor(group as IpAddress, device, ADDRESSES, used as IpAddress | undefined);

describe('the addresses of an interface', () => {
  it('are those that node:os tells', () => {
    const common = { family: 'IPv4', mac: '00:00:00:00:00:00', internal: false, netmask: '' } as const;
    const told = { eth0: [{ ...common, address: '10.0.0.1', cidr: '10.0.0.1/24' }], eth1: undefined };
    assert.deepEqual(hostAddresses(told), [ADDRESSES[1]]);
  });

  it('the first one of the family is sent from, of the link to groups of the link', () => {
    assert.equal(addressOf('224.0.0.81'), '10.0.0.1');
    assert.equal(addressOf('ff02::81'), 'fe80::1');
    assert.equal(addressOf('ff05::81'), 'fd00::1');
    assert.equal(addressOf('ff05::81', undefined, 'lo'), undefined);
  });

  it('the one that is used stays while it is there', () => {
    assert.equal(addressOf('224.0.0.81', '10.0.0.9'), '10.0.0.9');
    assert.equal(addressOf('224.0.0.81', '10.0.0.8'), '10.0.0.1');
  });

  it('tell who is a neighbour', () => {
    const neighbours = ['10.0.0.200', '10.0.1.1', '127.0.0.2', 'fe80::7', 'fd00:0:0:7::', 'fd00:0:0:8::'];
    assert.deepEqual(
      neighbours.filter((address) => isNeighbour(address as IpAddress, 'eth0', ADDRESSES)),
      ['10.0.0.200', 'fe80::7', 'fd00:0:0:7::'],
    );
  });

  it('and which are of the link alone', () => {
    const texts = ['ff02::81', 'ff12::1', 'ff05::1', 'fe80::1', 'febf::1', 'fec0::1', '169.254.0.1'];
    assert.deepEqual(
      texts.filter((text) => isLinkLocal(text as IpAddress)),
      ['ff02::81', 'ff12::1', 'fe80::1', 'febf::1'],
    );
  });
});
