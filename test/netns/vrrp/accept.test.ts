import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../../project/source-file.ts';
import { CLIENT_ADDRESSES, directorAddress, FAMILIES, serverAddress } from '../lab/address.ts';
import { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { Program } from '../lab/program.ts';
import { curl } from '../peer/curl.ts';
import { startNginx } from '../peer/nginx.ts';
import { ping } from '../peer/ping.ts';

const skip = labUnavailable('nginx', 'curl', 'ping', 'nft') ?? false;
const LIMIT_MS = 30_000;
const VIPS = { inet: '10.1.0.50', inet6: 'fd01::50' } as const;
/** What the director itself serves, on all its addresses. */
const OWN_PORT = 2222;

for (const mac of [false, true]) {
  const title = mac ? 'on a virtual MAC address' : "on the interface's own MAC address";

  describe(`accept: false with the engine ebpf, ${title}`, { skip, timeout: 120_000 }, () => {
    let lab: Lab;
    let vipr: Program;

    before(async () => {
      lab = await Lab.open({ servers: 1, offload: { gro: true } });
      await startNginx(lab, lab.host('rs1'));
      await startNginx(lab, lab.director, { ports: [OWN_PORT] });
      vipr = startVipr();
      await until(async () => (await addresses()).includes(` ${VIPS.inet}/`));
      await until(async () => (await addresses()).includes(` ${VIPS.inet6}/`));
    });

    after(async () => {
      await lab.close();
    });

    for (const family of FAMILIES) {
      it(`clients get the services and nothing else: ${family}`, async () => {
        const from = CLIENT_ADDRESSES[family].throughDirector;
        const urlOf = (address: string, port: number) =>
          `http://${family === 'inet' ? address : `[${address}]`}:${port}/`;
        assert.match(await curl(lab.client, urlOf(VIPS[family], 80), { from }), /^rs1 /);
        assert.match(
          await curl(lab.client, urlOf(directorAddress(family, 1, 'front'), OWN_PORT), { from }),
          /^lvs1 /,
        );
        await assert.rejects(
          curl(lab.client, urlOf(VIPS[family], OWN_PORT), { from, limitSeconds: 2 }),
          /timed out/i,
        );
        assert.equal((await ping(lab.client, VIPS[family])).received, 0);
        assert.match(await lab.client.output(['ip', 'neigh', 'show', VIPS[family]]), /lladdr/);
      });
    }

    it('no flush of the firewall lets more in', async () => {
      await lab.director.output(['nft', 'flush', 'ruleset']);
      assert.equal((await ping(lab.client, VIPS.inet)).received, 0);
      assert.match(await lab.director.output(['nft', 'list', 'ruleset']), /table inet vipr_vrrp/);
    });

    it('a killed run leaves no table, and the next one has its own', async () => {
      await vipr.stop('SIGKILL');
      await until(async () => (await lab.director.output(['nft', 'list', 'ruleset'])) === '');
      assert.equal((await ping(lab.client, VIPS.inet)).received, 1);
      vipr = startVipr();
      await until(async () => (await ping(lab.client, VIPS.inet)).received === 0);
      await until(async () => (await addresses()).includes(` ${VIPS.inet}/`));
      const { code, stderr } = await vipr.stop('SIGTERM', 15_000);
      assert.equal(code, 0, stderr);
      assert.equal(await lab.director.output(['nft', 'list', 'ruleset']), '');
    });

    function startVipr(): Program {
      const instance = (family: 'inet' | 'inet6') => `
    - name: ${family}
      interface: eth0
      id: 50
      interval: 100ms
      accept: false
      addresses: ["${VIPS[family]}"]
${mac ? `      virtual-mac: { interface: v${family} }\n` : ''}`;
      const service = (family: 'inet' | 'inet6') => {
        const bracketed = (address: string) => (family === 'inet' ? address : `[${address}]`);
        return `
  - service: tcp ${bracketed(VIPS[family])}:80
    destinations: [{ address: "${bracketed(serverAddress(family, 1))}:80" }]`;
      };
      const file = join(lab.directory, 'vipr.yaml');
      writeFileSync(
        file,
        `engine: ebpf
ebpf: { attach: tc, connections: 4096, services: 128, destinations: 256 }
vrrp:
  instances:${FAMILIES.map(instance).join('')}
services:${FAMILIES.map(service).join('')}
`,
      );
      const words = ['--config', file, '--bpf-dir', join(lab.bpfFileSystem, 'vipr')];
      return lab.director.start([join(CHECKOUT, 'bin/vipr'), 'up', ...words], {
        environment: { VIPR_SOURCE: '1', VIPR_SOCKET: join(lab.directory, 'sock') },
      });
    }

    function addresses(): Promise<string> {
      assert.ok(!vipr.isOver, vipr.stderr);
      return lab.director.output(['ip', '-o', 'addr', 'show', 'up']);
    }
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `not within ${LIMIT_MS} ms: ${isSo}`);
    await sleep(50);
  }
}
