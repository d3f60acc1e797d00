import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { tcp } from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import { BOTH_HOOKS, ForwardingLab, type Program } from './forwarding-lab.ts';
import { SERVER_PORT } from './method.ts';
import { CLIENT, FAMILIES, type Family, ip, SERVER, VIRTUAL } from './wire.ts';

const PORTS = [80, 180] as const;

describe('replies of a server that several services have', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 21000;
  before(async () => {
    lab = await ForwardingLab.open();
    for (const virtual of [`${VIRTUAL.inet}:180`, `[${VIRTUAL.inet6}]:180`]) {
      const server = virtual.startsWith('[') ? `[${SERVER.inet6}]` : SERVER.inet;
      await lab.configure(`-A -t ${virtual} -s rr\n-a -t ${virtual} -r ${server}:${SERVER_PORT} -m`);
    }
  });
  after(() => lab?.close());

  for (const program of BOTH_HOOKS)
    for (const family of FAMILIES) {
      test(`${program}, ${family}: come from the one that the client asked`, () => {
        const [one, other] = [client++, client++];
        ask(program, family, one, PORTS[0]);
        ask(program, family, other, PORTS[1]);
        for (let round = 0; round < 3; round++) {
          assert.equal(answer(program, family, one), PORTS[0]);
          assert.equal(answer(program, family, other), PORTS[1]);
          assert.equal(answer(program, family, other), PORTS[1]);
        }
      });

      test(`${program}, ${family}: come from the newer connection of a client's port`, () => {
        const port = client++;
        ask(program, family, port, PORTS[0]);
        assert.equal(answer(program, family, port), PORTS[0]);
        ask(program, family, port, PORTS[1]);
        assert.equal(answer(program, family, port), PORTS[1]);
        const another = client++;
        ask(program, family, another, PORTS[0]);
        assert.equal(answer(program, family, another), PORTS[0]);
        assert.equal(answer(program, family, port), PORTS[1]);
      });
    }

  function ask(program: Program, family: Family, from: number, port: number): void {
    const header = ip(family, { source: CLIENT[family], destination: VIRTUAL[family] });
    lab.run(program, [lab.fromRouter, header, tcp({ source: from, destination: port, flags: ['syn'] })]);
  }

  /** The port that a reply to the client's port comes from. */
  function answer(program: Program, family: Family, to: number): number | undefined {
    const header = ip(family, { source: SERVER[family], destination: CLIENT[family] });
    const packet = [
      lab.fromServer,
      header,
      tcp({ source: SERVER_PORT, destination: to, flags: ['syn', 'ack'] }),
    ];
    const { verdict, layers } = lab.run(program, packet, { on: 'servers' });
    assert.equal(verdict, 'redirect');
    return layers.flatMap((layer) => (layer.layer === 'tcp' ? [layer.source] : []))[0];
  }
});
