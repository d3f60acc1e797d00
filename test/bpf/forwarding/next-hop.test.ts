import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { TOTAL_NO_NEXT_HOP, TOTAL_PUNTED } from '../../../src/engines/ebpf/layout.gen.ts';
import { whyNoLab } from '../harness/lab.ts';
import { ForwardingLab } from './forwarding-lab.ts';
import { METHODS, SERVER_PORT } from './method.ts';
import { asParsed, CLIENT, DIRECTOR, FAMILIES, ip, SERVER, TRANSPORTS, VIRTUAL } from './wire.ts';

describe('next hops', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const family of FAMILIES) {
    for (const method of ['masquerade', 'direct', 'ipip'] as const)
      test(`${family}, ${method}: one that the director does not know XDP leaves to tc, where the kernel finds it`, () => {
        const virtual = { family, protocol: 'udp', method } as const;
        lab.reach(virtual, { resolved: false });
        const ends = { source: CLIENT[family], destination: VIRTUAL[family] };
        const packet = [lab.fromRouter, ip(family, ends), ...TRANSPORTS.udp(client++, METHODS[method].port)];
        const punted = lab.total(TOTAL_PUNTED);
        const fast = lab.run('vipr_xdp', packet);
        assert.equal(fast.verdict, 'pass');
        assert.deepEqual(fast.layers, packet);
        assert.equal(lab.total(TOTAL_PUNTED), punted + 1);
        const { verdict, layers } = lab.run('vipr_ingress', packet);
        assert.equal(verdict, 'redirect');
        const outer = layers[1];
        assert.ok(outer?.layer === 'ipv4' || outer?.layer === 'ipv6');
        assert.equal(outer.destination, method === 'direct' ? VIRTUAL[family] : SERVER[family]);
        lab.reach(virtual, {});
      });

    test(`${family}: an outer source that the director does not know the kernel tells`, () => {
      const virtual = { family, protocol: 'udp', method: 'ipip' } as const;
      lab.reach(virtual, { source: undefined });
      const ends = { source: CLIENT[family], destination: VIRTUAL[family] };
      const packet = [lab.fromRouter, ip(family, ends), ...TRANSPORTS.udp(client++, METHODS.ipip.port)];
      assert.equal(lab.run('vipr_xdp', packet).verdict, 'pass');
      const { verdict, layers } = lab.run('vipr_ingress', packet);
      // Kernels before 6.7 do not tell, and the client is told that there is no way.
      assert.equal(verdict, 'redirect');
      const outer = layers[1];
      assert.ok(outer?.layer === 'ipv4' || outer?.layer === 'ipv6');
      if (layers[2]?.layer !== 'icmp' && layers[2]?.layer !== 'icmpv6')
        assert.equal(outer.source, DIRECTOR[family]);
      lab.reach(virtual, {});
    });

    test(`${family}: a route that changed is asked for again`, () => {
      const port = client++;
      const request = { source: CLIENT[family], destination: VIRTUAL[family] };
      lab.run('vipr_ingress', [lab.fromRouter, ip(family, request), ...TRANSPORTS.udp(port, 80)]);
      const reply = [
        lab.fromServer,
        ip(family, { source: SERVER[family], destination: CLIENT[family] }),
        ...TRANSPORTS.udp(SERVER_PORT, port),
      ];
      const told = asParsed([
        lab.toRouter,
        ip(family, { source: VIRTUAL[family], destination: CLIENT[family], ttl: 59 }),
        ...TRANSPORTS.udp(80, port),
      ]);
      for (const routeGeneration of [1, 2, 3]) {
        lab.set({ routeGeneration });
        for (const program of ['vipr_ingress', 'vipr_xdp'] as const) {
          const { layers } = lab.run(program, reply, { on: 'servers' });
          assert.deepEqual(layers, told, program);
          assert.equal(
            lab.find(family === 'inet' ? `${CLIENT.inet}:${port}` : `[${CLIENT.inet6}]:${port}`)?.record
              .clientGeneration,
            routeGeneration,
          );
        }
      }
      lab.set({});
    });

    test(`${family}: a reply whose TTL is over, or for which there is no way, goes to the host's stack`, () => {
      const port = client++;
      const request = { source: CLIENT[family], destination: VIRTUAL[family] };
      lab.run('vipr_ingress', [lab.fromRouter, ip(family, request), ...TRANSPORTS.udp(port, 80)]);
      const ends = { source: SERVER[family], destination: CLIENT[family] };
      const over = [lab.fromServer, ip(family, { ...ends, ttl: 1 }), ...TRANSPORTS.udp(SERVER_PORT, port)];
      const { verdict, layers } = lab.run('vipr_ingress', over, { on: 'servers' });
      assert.equal(verdict, 'pass');
      assert.deepEqual(layers, over);
    });
  }

  for (const family of FAMILIES)
    test(`${family}: rules for routes see the VIP as the source of a reply, the client as that of a request`, () => {
      const port = client++;
      const request = { source: CLIENT[family], destination: VIRTUAL[family] };
      const virtual = { family, protocol: 'udp', method: 'masquerade' } as const;
      const packet = [lab.fromRouter, ip(family, request), ...TRANSPORTS.udp(port, 80)];
      lab.run('vipr_ingress', packet);
      const ends = { source: SERVER[family], destination: CLIENT[family] };
      const reply = [lab.fromServer, ip(family, ends), ...TRANSPORTS.udp(SERVER_PORT, port)];
      lab.reach(virtual, { resolved: false });
      for (const [source, circumstances, sent] of [
        [VIRTUAL[family], { on: 'servers' }, reply],
        [CLIENT[family], { on: 'clients' }, packet],
      ] as const) {
        assert.equal(lab.run('vipr_ingress', sent, circumstances).verdict, 'redirect');
        // Of a rule that forbids it, the kernel tells but that there is no way.
        rule('add', family, source);
        lab.set({ routeGeneration: 9 });
        const before = lab.total(TOTAL_NO_NEXT_HOP);
        lab.run('vipr_ingress', sent, { ...circumstances, summed: false });
        assert.equal(lab.total(TOTAL_NO_NEXT_HOP), before + 1, source);
        rule('del', family, source);
        lab.set({});
      }
      lab.reach(virtual, {});
    });

  test('a client on this host gets the reply through the stack', () => {
    const port = client++;
    // The director's own address, on the clients' interface.
    const address = '10.1.255.1';
    lab.run('vipr_ingress', [
      lab.fromRouter,
      ip('inet', { source: address, destination: VIRTUAL.inet }),
      ...TRANSPORTS.udp(port, 80),
    ]);
    const ends = { source: SERVER.inet, destination: address };
    const reply = [lab.fromServer, ip('inet', ends), ...TRANSPORTS.udp(SERVER_PORT, port)];
    const before = lab.total(TOTAL_NO_NEXT_HOP);
    const { verdict, layers } = lab.run('vipr_ingress', reply, { on: 'servers' });
    assert.equal(verdict, 'pass');
    assert.deepEqual(
      layers,
      asParsed([lab.fromServer, ip('inet', { ...ends, source: VIRTUAL.inet }), ...TRANSPORTS.udp(80, port)]),
    );
    assert.equal(lab.total(TOTAL_NO_NEXT_HOP), before + 1);
  });
});

/** In the network of this process. */
function rule(command: 'add' | 'del', family: 'inet' | 'inet6', source: string): void {
  const words = ['-family', family, 'rule', command, 'from', source, 'prohibit'];
  const run = spawnSync('ip', words, { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
}
