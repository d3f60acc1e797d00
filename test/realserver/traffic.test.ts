import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BpfDecapsulator } from '../../src/realserver/bpf-decapsulator.ts';
import { labUnavailable } from '../netns/lab/lab-unavailable.ts';
import { curl } from '../netns/peer/curl.ts';
import { ping } from '../netns/peer/ping.ts';
import { askUdp } from '../netns/peer/udp-client.ts';
import { startUdpServer } from '../netns/peer/udp-server.ts';
import { type EncapsulatorOptions, encapsulatorUnavailable, startEncapsulator } from './encapsulator.ts';
import { TwoHosts } from './two-hosts.ts';

const VIPS = { inet: '192.0.2.10', inet6: '2001:db8::10' } as const;
const FAMILIES = ['inet', 'inet6'] as const;
const PORT = 8080;
const UPLOAD_BYTES = 4 * 1024 * 1024;

/** Of both families, at the least: the route has MTU 1400. */
const SEGMENTS = (2 * UPLOAD_BYTES) / 1400;

const TUNNELS: readonly Omit<EncapsulatorOptions, 'outer'>[] = [
  { tunnel: 'ipip' },
  { tunnel: 'gue' },
  { tunnel: 'gre' },
  { tunnel: 'gre', checksum: true },
];

const skip = labUnavailable('ping', 'curl', 'ethtool') ?? encapsulatorUnavailable() ?? false;

for (const offload of [true, false])
  describe(`traffic to a real server, offloads ${offload ? 'on' : 'off'}`, { skip, timeout: 240_000 }, () => {
    let hosts: TwoHosts;
    let file = '';
    let sum = '';

    before(async () => {
      hosts = await TwoHosts.open({ offload });
      const bytes = randomBytes(UPLOAD_BYTES);
      sum = createHash('sha256').update(bytes).digest('hex');
      file = join(hosts.directory, 'upload');
      await writeFile(file, bytes);
      const { code, text } = await hosts.vipr('setup', ...Object.values(VIPS), '--interface', 'eth0');
      assert.equal(code, 0, text);
      const script = join(import.meta.dirname, 'upload-server-process.ts');
      await hosts.server.startServer([process.execPath, script, `${PORT}`], 'tcp', [PORT]);
      await startUdpServer(hosts.server, { addresses: Object.values(VIPS) });
    });

    after(() => hosts?.close());

    /** TCP with full segments, UDP and ICMP, each answered by the virtual address. */
    async function expectService(): Promise<void> {
      for (const vip of Object.values(VIPS)) {
        const url = `http://${vip.includes(':') ? `[${vip}]` : vip}:${PORT}/`;
        assert.equal(await curl(hosts.client, url, { words: ['-T', file] }), `${sum} ${vip}`);
        const answers = await askUdp(hosts.client, { server: vip, port: 53, texts: ['a', 'b'.repeat(1000)] });
        assert.ok(
          answers.every((answer) => answer !== null && 'text' in answer && /(a|b{1000})$/.test(answer.text)),
          JSON.stringify(answers),
        );
        assert.equal((await ping(hosts.client, vip)).received, 1, vip);
      }
    }

    async function packetsTaken(): Promise<number> {
      const read = new BpfDecapsulator(hosts.pins).read([]);
      assert.ok(read !== undefined);
      const { taken, ...others } = read.counters;
      assert.deepEqual(others, { notVirtual: 0, fragments: 0, unknownForm: 0, congested: 0, failed: 0 });
      return taken;
    }

    it('takes frames that come directly', async () => {
      await expectService();
    });

    it('takes nothing out of tunnels before it is told to', async () => {
      await using _ = stopping(await startEncapsulator(hosts, { tunnel: 'ipip', outer: 'inet' }));
      for (const family of FAMILIES) assert.equal((await ping(hosts.client, VIPS[family])).received, 0);
    });

    it('is told to', async () => {
      const tunnels = ['ipip', 'gue', 'gre'].flatMap((kind) => ['--tunnel', kind]);
      const words = ['setup', ...Object.values(VIPS), '--decapsulation', 'bpf', ...tunnels];
      const { code, text } = await hosts.vipr(...words);
      assert.equal(code, 0, text);
      await expectService();
      assert.equal(await packetsTaken(), 0);
    });

    for (const outer of FAMILIES)
      for (const tunnel of TUNNELS)
        it(`takes ${tunnel.tunnel}${tunnel.checksum ? ' with checksums' : ''} over ${outer}`, async () => {
          const start = await packetsTaken();
          await using _ = stopping(await startEncapsulator(hosts, { ...tunnel, outer }));
          await expectService();
          // What TCP left to the device came in one piece, and was taken in one piece.
          const taken = (await packetsTaken()) - start;
          assert.equal(taken < SEGMENTS / 2, offload, `${taken} packets, ${SEGMENTS} full segments`);
        });
  });

function stopping(program: { stop(): Promise<unknown> }): AsyncDisposable {
  return { [Symbol.asyncDispose]: async () => void (await program.stop()) };
}
