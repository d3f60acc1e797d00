import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Verdict } from '../../src/health/checker.ts';
import { pingChecker } from '../../src/health/ping-checker.ts';
import { sampleAttempt, sampleDestination } from '../../src/health/testing/sample-attempt.ts';
import { parseIpAddress } from '../../src/model/address.ts';
import type { CheckEndpoint } from '../../src/model/check.ts';
import { enterTestNetwork, execute, ip, PeerNamespace } from './peer-namespace.ts';

const SOCKETS = { 'a datagram socket': '0 0', 'a raw socket': '1 0' };
const GOOD: Verdict = { good: true, detail: 'echo reply' };

const skip = enterTestNetwork() ?? false;

describe('pingChecker in a network', { skip }, () => {
  let peer: PeerNamespace | undefined;

  before(() => {
    peer = new PeerNamespace('hp');
    ip('address', 'add', '10.0.0.1/24', 'dev', 'hpa');
    ip('address', 'add', '10.0.0.2/24', 'dev', 'hpa');
    ip('address', 'add', 'fd00:a::1/64', 'dev', 'hpa');
    peer.run('ip', 'address', 'add', '10.0.0.11/24', 'dev', 'hpb');
    peer.run('ip', 'address', 'add', 'fd00:a::11/64', 'dev', 'hpb');
    peer.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    for (const network of ['10.1.0.0/24', 'fd00:b::/64']) {
      ip('route', 'add', network, 'via', network.includes(':') ? 'fd00:a::11' : '10.0.0.11');
      peer.run('ip', 'route', 'add', 'unreachable', network);
    }
    ip('route', 'add', 'unreachable', '10.2.0.0/24');
    peer.run('ip', 'address', 'add', 'fd00:a::12/64', 'dev', 'hpb');
    // Linux sends a host one such error a second otherwise.
    peer.run('sysctl', '-qw', 'net.ipv6.icmp.ratelimit=0');
  });
  after(() => peer?.close());

  for (const [socket, groups] of Object.entries(SOCKETS)) {
    describe(`by ${socket}`, () => {
      before(() => execute('sysctl', '-qw', `net.ipv4.ping_group_range=${groups}`));

      for (const address of ['127.0.0.1', '::1', '10.0.0.11', 'fd00:a::11']) {
        it(`gets a reply from ${address}`, async () => assert.deepEqual(await ping(address), GOOD));
      }

      it('tells many replies apart', async () => {
        const addresses = Array.from(
          { length: 60 },
          (_, index) => ['fd00:a::11', 'fd00:a::12', 'fd00:b::7'][index % 3] ?? '',
        );
        const verdicts = await Promise.all(addresses.map((address) => ping(address)));
        assert.deepEqual(
          verdicts.map(({ good }) => good),
          addresses.map((address) => address !== 'fd00:b::7'),
        );
      });

      it('tells who says that a host is unreachable', async () => {
        assert.deepEqual(await ping('10.1.0.7'), {
          good: false,
          detail: 'host unreachable, says 10.0.0.11',
        });
        // It may answer from either of its addresses.
        assert.match((await ping('fd00:b::7')).detail, /^network unreachable, says fd00:a::1[12]$/);
      });

      it('tells that there is no way to a host', async () => {
        assert.deepEqual(await ping('10.2.0.7'), { good: false, detail: 'host unreachable' });
        assert.deepEqual(await ping('10.3.0.7'), { good: false, detail: 'network unreachable' });
      });

      it('gives up when the time is over', async () => {
        peer?.run('sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=1');
        try {
          const verdict = await ping('10.0.0.11', {}, AbortSignal.timeout(100));
          assert.deepEqual(verdict, { good: false, detail: 'no echo reply' });
        } finally {
          peer?.run('sysctl', '-qw', 'net.ipv4.icmp_echo_ignore_all=0');
        }
      });

      it('does not start without time', async () => {
        assert.equal((await ping('127.0.0.1', {}, AbortSignal.abort())).good, false);
      });

      it('comes from the address, the interface and with the mark that are asked for', async () => {
        const from = { sourceAddress: address('10.0.0.2'), interface: 'hpa' };
        assert.deepEqual(await ping('10.0.0.11', from), GOOD);
        const elsewhere = { sourceAddress: address('10.9.9.9') };
        assert.deepEqual(await ping('10.0.0.11', elsewhere), {
          good: false,
          detail: 'the source address is not on this machine',
        });
        assert.deepEqual(await ping('10.0.0.11', { interface: 'none' }), {
          good: false,
          detail: 'no such interface',
        });
        ip('rule', 'add', 'fwmark', '7', 'prohibit');
        try {
          const { good } = await ping('10.0.0.11', { mark: 7 as NonNullable<CheckEndpoint['mark']> });
          assert.equal(good, false);
        } finally {
          ip('rule', 'delete', 'fwmark', '7', 'prohibit');
        }
      });
    });
  }
});

function ping(
  to: string,
  endpoint: CheckEndpoint = {},
  signal: AbortSignal = AbortSignal.timeout(10_000),
): Promise<Verdict> {
  const destination = sampleDestination({ address: address(to) });
  return pingChecker.check(sampleAttempt({ kind: 'ping' }, { destination, endpoint, signal }));
}

function address(text: string) {
  const parsed = parseIpAddress(text);
  assert.ok(parsed, text);
  return parsed;
}
