import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../../test/engine/sample-table.ts';
import { type ServiceId, serviceKey } from '../../model/service.ts';
import type { Seconds } from '../../model/unit.ts';
import { ftpFaults } from './ftp-faults.ts';

const FTP = serviceOn('192.0.2.10', 21);

test('FTP with masqueraded servers has a fault that says what arrives', () => {
  assert.match(faultOf(FTP, 'masquerade') ?? '', /no data connections arrive; with persistence/);
  assert.match(faultOf(FTP, 'masquerade', 300) ?? '', /only extended passive/);
});

test('other services, and servers that answer clients themselves, have none', () => {
  assert.equal(faultOf(FTP, 'direct'), undefined);
  assert.equal(faultOf(serviceOn('192.0.2.10', 80), 'masquerade'), undefined);
  assert.equal(faultOf(serviceOn('192.0.2.10', 21, 'udp'), 'masquerade'), undefined);
});

function faultOf(
  id: ServiceId,
  forwarding: 'masquerade' | 'direct',
  persistence?: number,
): string | undefined {
  const persistent = persistence === undefined ? {} : { persistenceTimeout: persistence as Seconds };
  const destinations = [destinationOn('10.0.0.11', { forwarding })];
  return ftpFaults([{ id, ...settings(persistent), destinations }]).get(serviceKey(id));
}
