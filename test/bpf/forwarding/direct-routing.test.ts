import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { whyNoLab } from '../harness/lab.ts';
import { BOTH_HOOKS, ForwardingLab } from './forwarding-lab.ts';
import { METHODS } from './method.ts';
import { asParsed, CLIENT, FAMILIES, ip, protocolOf, TRANSPORT_NAMES, TRANSPORTS, VIRTUAL } from './wire.ts';

const { port } = METHODS.direct;

describe('direct routing', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const program of BOTH_HOOKS)
    for (const family of FAMILIES)
      for (const name of TRANSPORT_NAMES)
        test(`${program}, ${family}, ${name}: but for TTL and link layer unchanged (facts 5.3)`, () => {
          const transport = TRANSPORTS[name](client++, port);
          const virtual = { family, protocol: protocolOf(name), method: 'direct' } as const;
          const ends = { source: CLIENT[family], destination: VIRTUAL[family] };
          const sent = lab.run(program, [lab.fromRouter, ip(family, ends), ...transport]);
          assert.equal(sent.verdict, 'redirect');
          assert.deepEqual(
            sent.layers,
            asParsed([lab.toServer(virtual), ip(family, { ...ends, ttl: 59 }), ...transport]),
          );
        });

  for (const program of BOTH_HOOKS)
    test(`${program}: replies that come through the director pass, as they are (facts 3.1)`, () => {
      const there = client++;
      const request = { source: CLIENT.inet, destination: VIRTUAL.inet };
      lab.run(program, [lab.fromRouter, ip('inet', request), ...TRANSPORTS.udp(there, port)]);
      const reply = { source: VIRTUAL.inet, destination: CLIENT.inet };
      const answer = [lab.fromServer, ip('inet', reply), ...TRANSPORTS.udp(port, there)];
      const back = lab.run(program, answer, { on: 'servers' });
      assert.equal(back.verdict, 'pass');
      assert.deepEqual(back.layers, answer);
    });
});
