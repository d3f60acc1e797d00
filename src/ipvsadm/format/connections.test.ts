import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { ConnectionEntry } from '../../model/connection.ts';
import type { FirewallMark, Port } from '../../model/unit.ts';
import { formatConnection } from './connections.ts';
import { NUMERIC_LABELS } from './labels.ts';

const ENTRY: ConnectionEntry = {
  protocol: 'tcp',
  clientAddress: '10.1.0.2' as IpAddress,
  clientPort: 51270 as Port,
  virtualAddress: '192.0.2.10' as IpAddress,
  virtualPort: 80 as Port,
  destinationAddress: '10.2.0.12' as IpAddress,
  destinationPort: 80 as Port,
  state: 'ESTABLISHED',
  expiresIn: 119,
};

const row = (entry: Partial<ConnectionEntry>, persistenceData = false): string =>
  formatConnection({ ...ENTRY, ...entry }, NUMERIC_LABELS, persistenceData);

test('cells grow where they must', () => {
  assert.equal(row({}), 'TCP 01:59  ESTABLISHED 10.1.0.2:51270     192.0.2.10:80      10.2.0.12:80\n');
  assert.equal(
    row({ protocol: 'sctp', expiresIn: 359998 }),
    'SCTP 5999:58 ESTABLISHED 10.1.0.2:51270     192.0.2.10:80      10.2.0.12:80\n',
  );
  assert.equal(row({ expiresIn: 0.9 }).slice(4, 9), '00:00');
});

test('templates of marks show the mark as an address', () => {
  const virtualAddress = { fwmark: 6 as FirewallMark };
  assert.match(row({ protocol: 'ip', virtualAddress, virtualPort: 0 as Port }), / 0\.0\.0\.6:0 /);
  assert.match(
    row({ protocol: 'ip', virtualAddress: { fwmark: 4294967295 as FirewallMark } }),
    / 255\.255\.255\.255:80 /,
  );
  assert.match(
    row({ protocol: 'ip', virtualAddress, clientAddress: 'fd01::2' as IpAddress, virtualPort: 0 as Port }),
    / \[0:6::\]:0 /,
  );
});

test('persistence data is shown on request, and only where there is some', () => {
  const sip = { persistenceEngine: 'sip', persistenceData: 'call-2@test' };
  assert.match(row(sip, true), /10\.2\.0\.12:80 {5}sip {16}call-2@test\n$/);
  assert.match(row(sip), /10\.2\.0\.12:80\n$/);
  assert.match(row({}, true), /10\.2\.0\.12:80\n$/);
});
