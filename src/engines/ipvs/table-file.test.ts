import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { destinationOn, ip, serviceOn, serviceOnMark, settings } from '../../../test/engine/sample-table.ts';
import type { Port } from '../../model/unit.ts';
import { FakeIpvs } from './fake/fake-ipvs.ts';
import { openIpvsEngine } from './open-ipvs-engine.ts';
import { destinationsOf, readTable } from './table-file.ts';

/** As Linux 6.12 writes it. */
const TITLE = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
`;
const WEB = `TCP  C000020A:0050 wlc  
  -> 7F000001:0050      Local   0      1          4294967295
  -> 0A00000B:1F90      Masq    100    0          12345678901
`;
const DNS = `UDP  [2001:0db8:0000:0000:0000:0000:0000:0010]:0035 sh ops  persistent 15000 00000040
  -> [fd00:0000:0000:0000:0000:0000:0000:0011]:0035      Route   1      0          0         
  -> 0A00000B:0035      Tunnel  1      0          0         
`;
const MARK = 'FWM  FFFFFFFF rr persistent 7500 FFFF0000\n';

describe('readTable', () => {
  test('reads services with their destinations', (t) => {
    const row = { forwarding: 'masquerade', weight: 1, activeConnections: 0, inactiveConnections: 0 };
    assert.deepEqual(readTable(directoryWith(t, TITLE + DNS + WEB + MARK)), [
      {
        service: serviceOn('2001:db8::10', 53, 'udp'),
        destinations: [
          { ...row, address: 'fd00::11', port: 53, forwarding: 'direct' },
          { ...row, address: '10.0.0.11', port: 53, forwarding: 'tunnel' },
        ],
      },
      {
        service: serviceOn('192.0.2.10'),
        destinations: [
          {
            address: '127.0.0.1',
            port: 80,
            forwarding: 'local',
            weight: 0,
            activeConnections: 1,
            inactiveConnections: 4294967295,
          },
          { ...row, address: '10.0.0.11', port: 8080, weight: 100, inactiveConnections: 12345678901 },
        ],
      },
      { service: { kind: 'fwmark', fwmark: 4294967295 }, destinations: [] },
    ]);
  });

  test('reads up to the first service that it does not understand', (t) => {
    for (const strange of [
      'ICMP  C000020B:0050 wlc  \n',
      'TCP  C000020B wlc  \n',
      'TCP  C000020BA:0050 wlc  \n',
      'TCP  [2001:db8::10]:0050 wlc  \n',
      'FWM  wlc\n',
      'TCP\n',
      'TCP  C000020B:0050 wlc  \n  -> 0A00000B:1F90      Bypass  1      0          0         \n',
      'TCP  C000020B:0050 wlc  \n  -> 0A00000B:1F90      Masq    -1     0          0         \n',
      'TCP  C000020B:0050 wlc  \n  -> 0A00000B:1F90      Masq    1      0\n',
      'TCP  C000020B:0050 wlc  \n  -> 0A00000B      Masq    1      0          0\n',
    ]) {
      const sections = readTable(directoryWith(t, TITLE + WEB + strange + MARK));
      assert.deepEqual(
        sections.map(({ service, destinations }) => [service, destinations.length]),
        [[serviceOn('192.0.2.10'), 2]],
        strange,
      );
    }
  });

  test('reads nothing where there is nothing', (t) => {
    for (const text of ['', 'x', TITLE, TITLE.slice(0, 70)]) {
      assert.deepEqual(readTable(directoryWith(t, text)), []);
    }
    assert.deepEqual(readTable('/nowhere'), []);
  });
});

test('destinationsOf finds what the file tells, and says of which services it tells nothing', (t) => {
  const sections = readTable(directoryWith(t, TITLE + DNS + WEB + MARK));
  const found = destinationsOf(
    [
      serviceOn('2001:db8::10', 53, 'udp'),
      serviceOn('192.0.2.10', 80, 'udp'),
      serviceOn('192.0.2.10', 81),
      serviceOn('192.0.2.10'),
      serviceOnMark(3),
      serviceOnMark(4294967295, 'inet6'),
      serviceOnMark(4294967295),
    ],
    sections,
  );
  assert.deepEqual(
    found.map((destinations) => destinations?.length),
    [2, undefined, undefined, 2, undefined, 0, undefined],
  );
});

test('the overview of the engine takes destinations from the file, and from netlink where it tells nothing', async (t) => {
  const fake = new FakeIpvs();
  const procDirectory = directoryWith(t, TITLE + WEB);
  let many = 0;
  const onManyServices = () => {
    many += 1;
  };
  const engine = await openIpvsEngine({ procDirectory, onManyServices, schedulers: ['rr'] }, fake.modules);
  t.after(() => engine.close());
  const [web, other] = [serviceOn('192.0.2.10'), serviceOn('192.0.2.20')];
  await engine.execute([
    { kind: 'add-service', service: web, settings: settings() },
    { kind: 'add-service', service: other, settings: settings({ scheduler: 'rr' }) },
    { kind: 'add-destination', service: other, destination: destinationOn('10.0.0.12') },
  ]);
  const services = await engine.overview();
  assert.deepEqual(
    services
      .map(({ id, scheduler, destinations }) => [id, scheduler, destinations.map(({ address }) => address)])
      .toSorted(),
    [
      [web, settings().scheduler, ['127.0.0.1', '10.0.0.11']],
      [other, 'rr', ['10.0.0.12']],
    ].toSorted(),
  );
  assert.equal(many, 0);
  await engine.execute(
    Array.from({ length: 1001 }, (_, n) => ({
      kind: 'add-service' as const,
      service: serviceOn(ip('192.0.2.30'), (n + 1) as Port),
      settings: settings(),
    })),
  );
  assert.equal((await engine.overview()).length, 1003);
  assert.equal(many, 1);
});

function directoryWith(t: { after(fn: () => void): void }, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-table-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'ip_vs'), text);
  return directory;
}
