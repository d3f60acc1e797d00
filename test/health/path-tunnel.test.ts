import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, Verdict } from '../../src/health/checker.ts';
import { sampleAttempt, sampleDestination } from '../../src/health/testing/sample-attempt.ts';
import { type IpAddress, parseIpAddress } from '../../src/model/address.ts';
import type { PathProbe } from '../../src/model/check.ts';
import type { Tunnel } from '../../src/model/destination.ts';
import type { Port } from '../../src/model/unit.ts';
import { labUnavailable } from '../netns/lab/lab-unavailable.ts';
import { TwoHosts } from '../realserver/two-hosts.ts';

const VIPS = { IPv4: '192.0.2.10', IPv6: '2001:db8::10' };
const SERVERS = { IPv4: '10.9.0.2', IPv6: 'fd09::2' };
const PORT = 8080;
const CLOSED = 9;
const TUNNELS: Readonly<Record<string, Tunnel>> = {
  ipip: { type: 'ipip', port: 0 as Port, checksum: 'none' },
  GUE: { type: 'gue', port: 6080 as Port, checksum: 'none' },
  'GUE with checksums': { type: 'gue', port: 6080 as Port, checksum: 'checksum' },
  'GUE with remote checksums': { type: 'gue', port: 6080 as Port, checksum: 'remote' },
  GRE: { type: 'gre', port: 0 as Port, checksum: 'none' },
  'GRE with checksums': { type: 'gre', port: 0 as Port, checksum: 'checksum' },
};
const COMBINATIONS = Object.entries(VIPS).flatMap(([inner, vip]) =>
  Object.entries(SERVERS).map(([outer, server]) => ({ inner, outer, vip, server })),
);

const skip = labUnavailable() ?? false;

describe('pathChecker through tunnels', { skip, timeout: 50_000 }, () => {
  let hosts: TwoHosts;

  before(async () => {
    hosts = await TwoHosts.open();
    const server = `require('node:net').createServer((socket) => socket.destroy()).listen(${PORT}, '::')`;
    await hosts.server.startServer([process.execPath, '-e', server], 'tcp', [PORT]);
    const { code, text } = await hosts.vipr('setup', ...Object.values(VIPS), '--interface', 'eth0');
    assert.equal(code, 0, text);
  });
  after(() => hosts?.close());

  it('says that the server does not take packets out of a tunnel', async () => {
    const [ipip, gue] = await check(
      ['ipip', 'GUE'].map((name) => attempt(VIPS.IPv4, SERVERS.IPv4, TUNNELS[name])),
      5000,
    );
    assert.deepEqual(ipip, {
      good: false,
      detail:
        'protocol unreachable, says 10.9.0.2: it does not take packets for 192.0.2.10 out of the ipip tunnel',
    });
    assert.deepEqual(gue, {
      good: false,
      detail:
        'port unreachable, says 10.9.0.2: it does not take packets for 192.0.2.10 out of the GUE tunnel of port 6080',
    });
  });

  it('finds the VIP through every tunnel, of both families in both', async () => {
    const tunnels = ['ipip', 'gue', 'gre'].flatMap((kind) => ['--tunnel', kind]);
    const { code, text } = await hosts.vipr('setup', ...Object.values(VIPS), ...tunnels);
    assert.equal(code, 0, text);
    const cases = Object.entries(TUNNELS).flatMap(([name, tunnel]) =>
      COMBINATIONS.map((families) => ({ name, tunnel, ...families })),
    );
    const open = await check(
      cases.map(({ vip, server, tunnel }) => attempt(vip, server, tunnel)),
      10_000,
    );
    const closed = await check(
      cases.map(({ vip, server, tunnel }) => attempt(vip, server, tunnel, CLOSED)),
      10_000,
    );
    for (const [index, { name, inner, outer, vip, server }] of cases.entries()) {
      const what = `${inner} in ${name} over ${outer}`;
      assert.deepEqual(
        open[index],
        { good: true, detail: `${vip.includes(':') ? `[${vip}]` : vip}:${PORT} accepts connections` },
        what,
      );
      const refusal = `connection refused by the VIP ${vip.includes(':') ? `[${vip}]` : vip}:${CLOSED} on ${server}`;
      assert.deepEqual(closed[index], { good: false, detail: refusal }, what);
    }
    // The last RST may be on its way; without one, the server would wait for a minute.
    while ((await hosts.server.output(['ss', '-Htan', 'state', 'syn-recv'])) !== '') await sleep(10);
  });

  it('misses a VIP that the server has not', async () => {
    const [verdict] = await check([attempt('192.0.2.99', SERVERS.IPv4, TUNNELS.ipip)], 300);
    assert.equal(verdict?.good, false);
    // vipr's own program takes out only what is for the VIPs; the kernel's devices take out all, and then there is silence.
    assert.match(verdict?.detail ?? '', /^no answer from 192|does not take packets for 192\.0\.2\.99 out of/);
  });

  async function check(
    attempts: readonly Omit<Attempt<PathProbe>, 'signal'>[],
    timeout: number,
  ): Promise<readonly Verdict[]> {
    const script = join(import.meta.dirname, 'fixture/path-process.ts');
    const words = [process.execPath, script, JSON.stringify(attempts), `${timeout}`];
    const limitMs = timeout + 20_000;
    return JSON.parse(await hosts.client.output(words, { limitMs })) as readonly Verdict[];
  }
});

function attempt(
  vip: string,
  server: string,
  tunnel: Tunnel | undefined,
  port = PORT,
): Omit<Attempt<PathProbe>, 'signal'> {
  assert.ok(tunnel !== undefined);
  const { signal: _, ...rest } = sampleAttempt<PathProbe>(
    { kind: 'path' },
    {
      service: { kind: 'address', protocol: 'tcp', address: address(vip), port: port as Port },
      destination: sampleDestination({
        address: address(server),
        port: port as Port,
        forwarding: 'tunnel',
        tunnel,
      }),
    },
  );
  return rest;
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed, text);
  return parsed;
}
