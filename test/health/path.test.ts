import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Attempt, Verdict } from '../../src/health/checker.ts';
import { pathChecker } from '../../src/health/path-checker.ts';
import { sampleAttempt, sampleDestination } from '../../src/health/testing/sample-attempt.ts';
import { parseIpAddress } from '../../src/model/address.ts';
import type { CheckEndpoint, PathProbe } from '../../src/model/check.ts';
import type { Destination } from '../../src/model/destination.ts';
import { asPort } from '../../src/model/unit.ts';
import { enterTestNetwork, ip, PeerNamespace } from './peer-namespace.ts';

const skip = enterTestNetwork() ?? false;

const FAMILIES = {
  IPv4: {
    vip: '192.0.2.10',
    director: '10.0.0.1',
    server: '10.0.0.11',
    none: '10.0.0.77',
    router: '10.5.0.2',
    prefix: 24,
    host: 32,
  },
  IPv6: {
    vip: '2001:db8::10',
    director: 'fd00:a::1',
    server: 'fd00:a::11',
    none: 'fd00:a::77',
    router: 'fd00:5::2',
    prefix: 64,
    host: 128,
  },
} as const;
/** How long a check waits where nothing is to come. */
const NOTHING_COMES_MS = 300;

/** Listens on every address. */
const SERVER = `
  import { createServer } from 'node:net';
  const server = createServer((socket) => socket.destroy());
  server.listen(0, '::', () => console.log(server.address().port));`;

describe('pathChecker by direct routing and masquerading', { skip, timeout: 50_000 }, () => {
  let peer: PeerNamespace | undefined;
  let behind: PeerNamespace | undefined;
  let port = 0;

  before(async () => {
    peer = new PeerNamespace('hp');
    for (const { director, server, vip, prefix, host } of Object.values(FAMILIES)) {
      ip('address', 'add', `${director}/${prefix}`, 'dev', 'hpa', 'nodad');
      peer.run('ip', 'address', 'add', `${server}/${prefix}`, 'dev', 'hpb', 'nodad');
      // As on a director: the VIP is its own, and what comes from it is not let in.
      ip('address', 'add', `${vip}/${host}`, 'dev', 'lo', 'nodad');
    }
    // As on a server by direct routing: else it asks for neighbours with the VIP as its own address.
    peer.run('sysctl', '-qw', 'net.ipv4.conf.all.arp_announce=2', 'net.ipv4.conf.all.arp_ignore=1');
    // A router behind the server.
    behind = new PeerNamespace('hq');
    behind.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    ip('link', 'set', 'hqa', 'netns', peer.name);
    peer.run('ip', 'link', 'set', 'hqa', 'up');
    for (const { router, prefix } of Object.values(FAMILIES)) {
      const before = router.replace(/2$/, '1');
      peer.run('ip', 'address', 'add', `${before}/${prefix}`, 'dev', 'hqa', 'nodad');
      behind.run('ip', 'address', 'add', `${router}/${prefix}`, 'dev', 'hqb', 'nodad');
      behind.run('ip', 'route', 'add', 'default', 'via', before);
    }
    port = Number(await peer.start(SERVER));
  });
  after(() => {
    peer?.close();
    behind?.close();
  });

  for (const [family, { vip, director, server, none, router, host }] of Object.entries(FAMILIES)) {
    describe(family, () => {
      const withVip = async (run: () => Promise<void>): Promise<void> => {
        peer?.run('ip', 'address', 'add', `${vip}/${host}`, 'dev', 'lo', 'nodad');
        try {
          await run();
        } finally {
          peer?.run('ip', 'address', 'delete', `${vip}/${host}`, 'dev', 'lo');
        }
      };

      it('is good where the server has the VIP and listens', () =>
        withVip(async () => {
          assert.deepEqual(await check({ vip, port, server }), {
            good: true,
            detail: `${hostPort(vip, port)} accepts connections`,
          });
          // The RST may be on its way; without it, the server would wait for a minute.
          while ((await halfOpen()) !== '') await sleep(10);
        }));

      it('is bad where the server has the VIP and does not listen', () =>
        withVip(async () =>
          assert.deepEqual(await check({ vip, port: 9, server }), {
            good: false,
            detail: `connection refused by the VIP ${hostPort(vip, 9)} on ${server}`,
          }),
        ));

      it('is bad where the server has not the VIP', async () => {
        const { good, detail } = await check({ vip, port, server, timeout: NOTHING_COMES_MS });
        assert.equal(good, false);
        // A host of IPv6 says that it has no route, a host of IPv4 nothing.
        const expected = vip.includes(':')
          ? `says ${server}: it has not the VIP on lo`
          : 'has the server the VIP on lo';
        assert.ok(detail.includes(expected), detail);
      });

      it('is bad where the server routes packets for the VIP on', async () => {
        peer?.run('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
        peer?.run('ip', 'route', 'add', vip, 'via', router);
        try {
          assert.deepEqual(await check({ vip, port, server }), {
            good: false,
            detail: `${server} routes packets for ${vip} on instead of taking them, says ${router}: it has not the VIP on lo`,
          });
        } finally {
          peer?.run('ip', 'route', 'delete', vip, 'via', router);
          peer?.run('sysctl', '-qw', 'net.ipv4.ip_forward=0', 'net.ipv6.conf.all.forwarding=0');
        }
      });

      it('is bad where nobody has the address of the destination', async () => {
        const { good, detail } = await check({ vip, port, server: none, timeout: NOTHING_COMES_MS });
        assert.equal(good, false);
        assert.match(detail, new RegExp(`^${none} does not answer (ARP|neighbour discovery)$`));
      });

      it('goes to the destination’s own port by masquerading', async () => {
        const forwarding = 'masquerade';
        assert.deepEqual(await check({ vip, port: 1, server, forwarding, serverPort: port }), {
          good: true,
          detail: `${hostPort(server, port)} accepts connections`,
        });
        assert.deepEqual(await check({ vip, port, server, forwarding, serverPort: 9 }), {
          good: false,
          detail: `connection refused by ${hostPort(server, 9)}`,
        });
      });

      it('can come from another address of this host, and only from such', () =>
        withVip(async () => {
          const other = director.replace(/1$/, '2');
          ip('address', 'add', `${other}/${host}`, 'dev', 'hpa', 'nodad');
          const from = (text: string) => ({ sourceAddress: address(text) });
          assert.equal((await check({ vip, port, server, endpoint: from(other) })).good, true);
          assert.deepEqual(await check({ vip, port, server, endpoint: from(none) }), {
            good: false,
            detail: 'the source address is not on this machine',
          });
        }));

      it('takes many checks at once', () =>
        withVip(async () => {
          const verdicts = await Promise.all(
            Array.from({ length: 20 }, (_, index) =>
              check({ vip, port: index % 2 === 0 ? port : 9, server }),
            ),
          );
          assert.deepEqual(
            verdicts.map(({ good }) => good),
            verdicts.map((_, index) => index % 2 === 0),
          );
        }));

      it('says that a destination is this host', async () => {
        const { good, detail } = await check({ vip, port, server: director });
        assert.equal(good, false);
        assert.match(detail, /is this host itself/);
      });
    });
  }

  const noSetpriv = whyNoSetpriv();
  it('says which capability it takes', { skip: noSetpriv }, async () => {
    const { vip, server, none } = FAMILIES.IPv4;
    const unprivileged = async (capability: string, to: string): Promise<Verdict> => {
      const { signal: _, ...attempt } = attemptFor({ vip, port, server: to });
      const script = join(import.meta.dirname, 'fixture/path-process.ts');
      const words = [
        `--bounding-set=-${capability}`,
        process.execPath,
        script,
        JSON.stringify([attempt]),
        '10000',
      ];
      const { stdout } = await promisify(execFile)('setpriv', words);
      return (JSON.parse(stdout) as [Verdict])[0];
    };
    assert.deepEqual(await unprivileged('net_raw', server), {
      good: false,
      detail: 'may not send packets of its own: the check of a path takes CAP_NET_RAW',
    });
    assert.deepEqual(await unprivileged('net_admin', none.replace('77', '78')), {
      good: false,
      detail: 'may not ask for the link-layer address of 10.0.0.78: it takes CAP_NET_ADMIN',
    });
  });

  /** Connections of the server that have not ended, without those that listen. */
  async function halfOpen(): Promise<string> {
    return peer?.output('ss', '-Htan', 'state', 'syn-recv', 'state', 'established') ?? '';
  }
});

interface PathCase {
  readonly vip: string;
  readonly port: number;
  readonly server: string;
  readonly serverPort?: number;
  readonly forwarding?: Destination['forwarding'];
  readonly endpoint?: CheckEndpoint;
  /** Milliseconds. */
  readonly timeout?: number;
}

function check(path: PathCase): Promise<Verdict> {
  return pathChecker.check(attemptFor(path));
}

function attemptFor(path: PathCase): Attempt<PathProbe> {
  const {
    vip,
    port,
    server,
    serverPort = port,
    forwarding = 'direct',
    endpoint = {},
    timeout = 10_000,
  } = path;
  const number = asPort(port);
  const destinationPort = asPort(serverPort);
  assert.ok(number !== undefined && destinationPort !== undefined);
  return sampleAttempt<PathProbe>(
    { kind: 'path' },
    {
      service: { kind: 'address', protocol: 'tcp', address: address(vip), port: number },
      destination: sampleDestination({ address: address(server), port: destinationPort, forwarding }),
      endpoint,
      signal: AbortSignal.timeout(timeout),
    },
  );
}

function address(text: string) {
  const parsed = parseIpAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

/** Why programs cannot be run without a capability; false where they can. */
function whyNoSetpriv(): string | false {
  return spawnSync('setpriv', ['--version']).status === 0 ? false : 'setpriv of util-linux is not installed';
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
