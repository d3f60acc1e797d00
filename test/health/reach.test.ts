import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkerOf } from '../../src/health/checker-registry.ts';
import { sampleAttempt, sampleDestination } from '../../src/health/testing/sample-attempt.ts';
import { parseIpAddress } from '../../src/model/address.ts';
import type { CheckEndpoint, Probe } from '../../src/model/check.ts';
import type { FirewallMark, Port } from '../../src/model/unit.ts';
import { enterTestNetwork, ip, PeerNamespace } from './peer-namespace.ts';

/** Greets over TCP on port 25 and sends datagrams back on port 53; the line says that both are ready. */
const SERVER = `
  import { createServer } from 'node:net';
  import { createSocket } from 'node:dgram';
  const echoOn = (address) => new Promise((bound) => {
    const echo = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    echo.on('message', (bytes, { port, address }) => echo.send(bytes, port, address));
    echo.bind(53, address, bound);
  });
  createServer((socket) => socket.on('error', () => {}).end('220 hi\\r\\n')).listen(25, '::', async () => {
    await Promise.all(['fe80::11%hrb', '10.0.0.11', '10.3.0.1'].map(echoOn));
    console.log('ready');
  });`;

const tcp: Probe = { kind: 'tcp' };
const udp: Probe = {
  kind: 'udp',
  payload: Buffer.from('x'),
  requireReply: true,
  minReplyLength: 1,
  maxReplyLength: 1,
};
const GOOD = { tcp: 'connected', udp: 'a reply of 1 bytes' };
const BY_MARK: CheckEndpoint = { mark: 7 as FirewallMark };

describe('ways to a server', { skip: enterTestNetwork() ?? false }, () => {
  let peer: PeerNamespace | undefined;

  before(async () => {
    peer = new PeerNamespace('hr');
    ip('address', 'add', '10.0.0.1/24', 'dev', 'hra');
    ip('address', 'add', '10.0.0.2/24', 'dev', 'hra');
    peer.run('ip', 'address', 'add', '10.0.0.11/24', 'dev', 'hrb');
    peer.run('ip', 'address', 'add', 'fe80::11/64', 'dev', 'hrb');
    peer.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    // Beyond the peer, whence it answers that there is no way.
    ip('route', 'add', '10.1.0.0/24', 'via', '10.0.0.11');
    peer.run('ip', 'route', 'add', 'unreachable', '10.1.0.0/24');
    // Only packets with mark 7 get here.
    peer.run('ip', 'address', 'add', '10.3.0.1/32', 'dev', 'hrb');
    ip('route', 'add', '10.3.0.1', 'via', '10.0.0.11', 'table', '77');
    ip('rule', 'add', 'fwmark', '7', 'table', '77');
    await peer.start(SERVER);
  });
  after(() => peer?.close());

  for (const probe of [tcp, udp]) {
    const check = (
      title: string,
      text: string,
      endpoint: CheckEndpoint,
      detail: string | undefined,
    ): void => {
      const good = detail === undefined;
      test(`${probe.kind}: ${title}`, { timeout: 30_000 }, async () => {
        const verdict = await find(probe, text, endpoint);
        assert.deepEqual(verdict, { good, detail: detail ?? GOOD[probe.kind === 'udp' ? 'udp' : 'tcp'] });
      });
    };

    check('a link-local server by its interface', 'fe80::11', { interface: 'hra' }, undefined);
    check(
      'a link-local server without one',
      'fe80::11',
      {},
      'a link-local address needs an interface: give the check one',
    );
    check(
      'from an address and by an interface',
      '10.0.0.11',
      { sourceAddress: address('10.0.0.2'), interface: 'hra' },
      undefined,
    );
    check('by a mark', '10.3.0.1', BY_MARK, undefined);
    check('without the mark', '10.3.0.1', {}, 'network unreachable');
    check('what a router cannot reach', '10.1.0.1', {}, 'host unreachable');
    check(
      'a port where nobody listens',
      '10.0.0.11',
      { port: 1 as Port },
      probe === udp ? 'port unreachable' : 'connection refused',
    );
  }
});

async function find(probe: Probe, text: string, endpoint: CheckEndpoint) {
  const destination = sampleDestination({ address: address(text), port: (probe === udp ? 53 : 25) as Port });
  return checkerOf(probe.kind).check(sampleAttempt(probe, { destination, endpoint }));
}

function address(text: string) {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new RangeError(`no address: ${text}`);
  return parsed;
}
