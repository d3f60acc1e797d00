/** The checks' packets and the balancer's meet at one host: neither may take the other's. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Attempt, Verdict } from '../../src/health/checker.ts';
import { sampleAttempt, sampleDestination } from '../../src/health/testing/sample-attempt.ts';
import { type IpAddress, parseIpAddress } from '../../src/model/address.ts';
import type { PathProbe } from '../../src/model/check.ts';
import type { Destination } from '../../src/model/destination.ts';
import type { Port } from '../../src/model/unit.ts';
import { ATTACHES, EbpfLab } from '../netns/ebpf/fixture/ebpf-lab.ts';
import { labUnavailable } from '../netns/lab/lab-unavailable.ts';

const VIPS = ['192.0.2.10', '2001:db8::10'];
const SERVERS = ['10.2.0.11', 'fd02::11'];
const PORT = 80;
const skip = labUnavailable() ?? false;

for (const attach of ATTACHES)
  describe(`pathChecker beside the eBPF engine by ${attach}`, { skip, timeout: 120_000 }, () => {
    let ebpf: EbpfLab;

    before(async () => {
      ebpf = await EbpfLab.open({ attach, servers: 2 });
      const server = `require('node:net').createServer((socket) => socket.destroy()).listen(${PORT}, '::')`;
      await Promise.all(
        ebpf.lab.servers.map((host) => host.startServer([process.execPath, '-e', server], 'tcp', [PORT])),
      );
      await ebpf.restore(
        VIPS.flatMap((vip) => {
          const service = `-t ${vip.includes(':') ? `[${vip}]` : vip}:${PORT}`;
          const servers = vip.includes(':') ? ['[fd02::11]', '[fd02::12]'] : ['10.2.0.11', '10.2.0.12'];
          return [`-A ${service} -s rr`, ...servers.map((each) => `-a ${service} -r ${each}:${PORT} -g`)];
        }),
      );
    });
    after(() => ebpf?.close());

    for (const forwarding of ['direct', 'masquerade'] as const)
      it(`finds a server that serves, by ${forwarding}`, async () => {
        const verdicts = await check(
          VIPS.map((vip, index) => attempt(vip, SERVERS[index] ?? '', forwarding)),
        );
        for (const verdict of verdicts) assert.equal(verdict.good, true, verdict.detail);
      });

    it('takes no other server’s answer for that of one that has not the VIP, and sends it back', async () => {
      const [rs1] = ebpf.lab.servers;
      await rs1?.shell(`
        sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        ip route delete local 192.0.2.0/24 dev lo
        ip -6 route delete local 2001:db8::/64 dev lo
        ip route add 192.0.2.0/24 via 10.2.0.1
        ip -6 route add 2001:db8::/64 via fd02::1`);
      const verdicts = await check(VIPS.map((vip, index) => attempt(vip, SERVERS[index] ?? '', 'direct')));
      assert.deepEqual(
        verdicts,
        VIPS.map((vip, index) => ({
          good: false,
          detail: `${SERVERS[index]} routes packets for ${vip} on instead of taking them, says ${vip}: it has not the VIP on lo`,
        })),
      );
    });

    async function check(
      attempts: readonly Omit<Attempt<PathProbe>, 'signal'>[],
    ): Promise<readonly Verdict[]> {
      const script = join(import.meta.dirname, 'fixture/path-process.ts');
      const words = [process.execPath, script, JSON.stringify(attempts), '2000'];
      return JSON.parse(await ebpf.lab.director.output(words, { limitMs: 20_000 })) as readonly Verdict[];
    }
  });

function attempt(
  vip: string,
  server: string,
  forwarding: Destination['forwarding'],
): Omit<Attempt<PathProbe>, 'signal'> {
  const { signal: _, ...rest } = sampleAttempt<PathProbe>(
    { kind: 'path' },
    {
      service: { kind: 'address', protocol: 'tcp', address: address(vip), port: PORT as Port },
      destination: sampleDestination({ address: address(server), port: PORT as Port, forwarding }),
    },
  );
  return rest;
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed, text);
  return parsed;
}
