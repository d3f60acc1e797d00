import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEbpfMaps, whyNoEbpfMaps } from '../../../../test/engine/ebpf-maps.ts';
import { ip } from '../../../../test/engine/sample-table.ts';
import type { ConnectionEntry } from '../../../model/connection.ts';
import type { Port } from '../../../model/unit.ts';
import { type ConnectionRecord, encodeConnection } from '../codec/connection-codec.ts';
import { encodeFlow, type Flow } from '../codec/flow-codec.ts';
import {
  CONNECTION_ASSURED,
  CONNECTION_DYING,
  CONNECTION_TEMPLATE,
  FLOW_CONNECTION,
  FLOW_MARK_TEMPLATE,
  FLOW_TEMPLATE,
  NO_ID,
} from '../layout.gen.ts';
import { connectionPages } from './connection-pages.ts';

const reason = whyNoEbpfMaps();
const skip = reason === undefined ? {} : { skip: reason };
const [TCP, UDP, SCTP] = [6, 17, 132];

const flow4: Flow = {
  client: ip('198.51.100.7'),
  clientPort: 4000 as Port,
  virtual: ip('192.0.2.10'),
  virtualPort: 80 as Port,
  protocol: TCP,
  kind: FLOW_CONNECTION,
};
const record: ConnectionRecord = {
  expires: 0,
  reported: 0,
  timeout: 0,
  destination: 3,
  word: 1,
  packets: 1,
  firewallMark: 0,
  netmask: 0,
  controlled: 0,
  destinationPort: 8080 as Port,
  link: 0,
  reportedState: 0,
  clientGeneration: 0,
  clientInterface: 0,
  clientMac: new Uint8Array(6),
};

test(
  'connections and templates are listed as IPVS lists them, but for those that expired',
  skip,
  async () => {
    const { maps, clock, close } = await openEbpfMaps();
    try {
      const expires = clock.now() + 100 * clock.hz + clock.hz - 1;
      const put = (flow: Partial<Flow>, changes: Partial<ConnectionRecord> = {}) =>
        maps.connections4.update(
          encodeFlow('inet', { ...flow4, ...flow }),
          encodeConnection({ ...record, expires, ...changes }),
        );
      put({});
      put({ clientPort: 4001 as Port }, { word: 5 });
      put({ protocol: UDP }, { word: 0 });
      put({ protocol: SCTP }, { word: 8, destination: NO_ID });
      put({ clientPort: 0 as Port, kind: FLOW_TEMPLATE }, { word: CONNECTION_TEMPLATE });
      const mark: Partial<Flow> = {
        protocol: 0,
        clientPort: 0 as Port,
        virtual: 7,
        virtualPort: 0 as Port,
        kind: FLOW_MARK_TEMPLATE,
      };
      put(mark, { word: CONNECTION_TEMPLATE | CONNECTION_ASSURED });
      put({ clientPort: 1 as Port }, { expires: clock.now() - 1 });
      put({ clientPort: 2 as Port }, { word: 1 | CONNECTION_DYING });
      const addressOf = (id: number) => (id === 3 ? ip('10.0.0.11') : undefined);
      const found = [...connectionPages(maps.connections4, 'inet', clock, addressOf)].flat();
      const shown = ({
        protocol,
        clientPort,
        virtualAddress,
        destinationAddress,
        destinationPort,
        state,
      }: ConnectionEntry) =>
        [protocol, clientPort, virtualAddress, destinationAddress, destinationPort, state] as const;
      const vip = '192.0.2.10';
      assert.deepEqual(
        new Set(found.map((entry) => JSON.stringify(shown(entry)))),
        new Set(
          [
            ['tcp', 4000, vip, '10.0.0.11', 8080, 'ESTABLISHED'],
            ['tcp', 4001, vip, '10.0.0.11', 8080, 'TIME_WAIT'],
            ['udp', 4000, vip, '10.0.0.11', 8080, 'UDP'],
            ['sctp', 4000, vip, '0.0.0.0', 8080, 'ESTABLISHED'],
            ['tcp', 0, vip, '10.0.0.11', 8080, 'NONE'],
            ['ip', 0, { fwmark: 7 }, '10.0.0.11', 8080, 'ASSURED'],
          ].map((entry) => JSON.stringify(entry)),
        ),
      );
      assert.ok(found.every(({ expiresIn }) => expiresIn === 100));
    } finally {
      close();
    }
  },
);

test('connections of IPv6 come in pages', skip, async () => {
  const { maps, clock, close } = await openEbpfMaps();
  try {
    const expires = clock.now() + 100 * clock.hz;
    const flow: Flow = { ...flow4, client: ip('2001:db8::7'), virtual: ip('2001:db8::10') };
    for (let port = 1; port <= 3000; port++) {
      const key = encodeFlow('inet6', { ...flow, clientPort: port as Port });
      maps.connections6.update(key, encodeConnection({ ...record, expires }));
    }
    const pages = [...connectionPages(maps.connections6, 'inet6', clock, () => ip('fd00::11'))];
    assert.ok(pages.length > 1);
    const ports = new Set(pages.flat().map(({ clientPort }) => clientPort));
    assert.equal(ports.size, 3000);
    assert.equal(pages[0]?.[0]?.virtualAddress, '2001:db8::10');
  } finally {
    close();
  }
});
