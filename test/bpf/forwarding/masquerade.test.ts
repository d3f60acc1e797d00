import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { whyNoLab } from '../harness/lab.ts';
import { BOTH_HOOKS, ForwardingLab } from './forwarding-lab.ts';
import { SERVER_PORT } from './method.ts';
import {
  asParsed,
  CLIENT,
  FAMILIES,
  ip,
  protocolOf,
  SERVER,
  TRANSPORT_NAMES,
  TRANSPORTS,
  VIRTUAL,
} from './wire.ts';

describe('masquerading', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const program of BOTH_HOOKS)
    for (const family of FAMILIES)
      for (const name of TRANSPORT_NAMES)
        test(`${program}, ${family}, ${name}: the server's address and port in, the VIP's out (facts 5.2)`, () => {
          const transport = TRANSPORTS[name];
          const virtual = { family, protocol: protocolOf(name), method: 'masquerade' } as const;
          const port = client++;
          const request = { source: CLIENT[family], destination: VIRTUAL[family] };
          const sent = lab.run(program, [lab.fromRouter, ip(family, request), ...transport(port, 80)]);
          assert.equal(sent.verdict, 'redirect');
          assert.deepEqual(
            sent.layers,
            asParsed([
              lab.toServer(virtual),
              ip(family, { ...request, destination: SERVER[family], ttl: 59 }),
              ...transport(port, SERVER_PORT),
            ]),
          );
          const reply = { source: SERVER[family], destination: CLIENT[family] };
          const answer = [lab.fromServer, ip(family, reply), ...transport(SERVER_PORT, port)];
          // The second finds the client's next hop in the connection.
          for (const nth of ['first', 'second']) {
            const back = lab.run(program, answer, { on: 'servers' });
            assert.equal(back.verdict, 'redirect', nth);
            assert.deepEqual(
              back.layers,
              asParsed([
                lab.toRouter,
                ip(family, { ...reply, source: VIRTUAL[family], ttl: 59 }),
                ...transport(80, port),
              ]),
              nth,
            );
          }
        });
});
