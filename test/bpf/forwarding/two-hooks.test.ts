import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  build,
  type Checksum,
  data,
  type Layer,
  sctp,
  sctpChunk,
  sctpData,
  sctpInit,
  tcp,
  udp,
} from '../../packet/packet.ts';
import type { TcpFlag } from '../../packet/tcp.ts';
import { whyNoLab } from '../harness/lab.ts';
import { ForwardingLab, type Result } from './forwarding-lab.ts';
import { METHODS, SERVER_PORT } from './method.ts';
import { CLIENT, FAMILIES, ip, SERVER, VIRTUAL } from './wire.ts';

const u8 = fc.integer({ min: 0, max: 255 });
const clientPort = fc.integer({ min: 1024, max: 1034 });
const virtualPort = fc.constantFrom(...Object.values(METHODS).map(({ port }) => port), 4444);
const payload = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1330, max: 1480 }));

/** No SYN with RST: it closes a connection, which the same packet, met again, then finds closed, removes and does not open. */
const segmentFlags = fc.constantFrom<TcpFlag[]>(
  ['syn'],
  ['syn', 'ack'],
  ['ack'],
  ['psh', 'ack'],
  ['fin', 'ack'],
  ['rst'],
  [],
);

const chunk = fc.constantFrom(
  sctpInit('init'),
  sctpData({ hex: '0102030405' }),
  sctpChunk('cookie-echo', 'abcdef'),
  sctpChunk('abort'),
  sctpChunk('shutdown-complete'),
);

type Ports = { readonly source: number; readonly destination: number };

const transport: fc.Arbitrary<(ports: Ports) => Layer[]> = fc.oneof(
  fc.tuple(segmentFlags, payload).map(([flags, length]) => (ports: Ports) => [
    tcp({ ...ports, flags }),
    data(Buffer.alloc(length, 'tcp')),
  ]),
  fc
    .tuple(fc.constantFrom<Checksum>('right', 'none', { wrong: 0xffff }, { wrong: 1 }), payload)
    .map(([checksum, length]) => (ports: Ports) => [
      udp({ ...ports, checksum }),
      data(Buffer.alloc(length, 'udp')),
    ]),
  fc
    .array(chunk, { minLength: 1, maxLength: 3 })
    .map((chunks) => (ports: Ports) => [sctp({ ...ports, chunks })]),
);

/** Where a TCP header has its flags. */
const FLAGS_AT = [14 + 20 + 13, 14 + 40 + 13];
const damage = fc.record({
  at: fc.integer({ min: 12, max: 75 }).filter((at) => !FLAGS_AT.includes(at)),
  octet: u8,
});

const arrival = fc.record({
  family: fc.constantFrom(...FAMILIES),
  from: fc.constantFrom('clients', 'servers'),
  client: clientPort,
  port: virtualPort,
  header: fc.record({ ttl: fc.oneof(fc.constant(60), u8), tos: u8, df: fc.boolean() }),
  transport,
  damage: fc.array(damage, { maxLength: 1 }),
  padding: fc.constantFrom(0, 0, 3),
});

describe('XDP and tc', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  test('what XDP does with a packet tc does, too; what it does not it leaves as it was', () => {
    let forwarded = 0;
    fc.assert(
      fc.property(arrival, (given) => {
        const packet = packetOf(given);
        const on = given.from;
        const fast = lab.run('vipr_xdp', packet, { on });
        if (fast.verdict === 'pass') return assert.deepEqual(fast.bytes, packet);
        const slow = lab.run('vipr_ingress', packet, { on });
        assert.equal(slow.verdict, fast.verdict === 'back' ? 'redirect' : fast.verdict);
        if (fast.verdict !== 'drop') assert.deepEqual(comparable(fast), comparable(slow));
        forwarded++;
      }),
      { numRuns: 3000 },
    );
    assert.ok(forwarded > 500, `${forwarded} packets were forwarded by XDP`);
  });

  function packetOf({
    family,
    from,
    client,
    port,
    header,
    transport: inner,
    damage: harm,
    padding,
  }: Arrival): Buffer {
    const reply = from === 'servers';
    const ends = reply
      ? { source: SERVER[family], destination: CLIENT[family] }
      : { source: CLIENT[family], destination: VIRTUAL[family] };
    const ports = reply
      ? { source: SERVER_PORT, destination: client }
      : { source: client, destination: port };
    const frame = [
      reply ? lab.fromServer : lab.fromRouter,
      ip(family, { ...ends, ...header }),
      ...inner(ports),
    ];
    const packet = Buffer.concat([build(frame), Buffer.alloc(padding)]);
    for (const { at, octet } of harm) if (at < packet.length) packet[at] = octet;
    return packet;
  }
});

type Arrival = typeof arrival extends fc.Arbitrary<infer Value> ? Value : never;

/** Without the identification of an outer header, which chance chooses. */
function comparable({ layers }: Result): Layer[] {
  return layers.map((layer, index) =>
    index === 1 && layer.layer === 'ipv4' && layers[2] !== undefined ? { ...layer, id: 0 } : layer,
  );
}
