import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../../project/source-file.ts';
import { unpackedWithDependencies } from '../../vm/lab/packages.ts';
import { LabUnavailable } from '../../vm/lab/unavailable.ts';
import { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { Program } from '../lab/program.ts';

const PACKAGE = 'keepalived-with-libraries';
const LIMIT_MS = 15_000;
const CASES = [
  { version: 2, family: 'inet', vip: '198.51.100.60', seconds: 1 },
  { version: 3, family: 'inet', vip: '198.51.100.61', seconds: 0.2 },
  { version: 3, family: 'inet6', vip: '2001:db8:1::60', seconds: 0.2 },
  { version: 2, family: 'inet', vip: '198.51.100.62', seconds: 1, mac: true },
  { version: 3, family: 'inet', vip: '198.51.100.63', seconds: 0.2, mac: true },
  { version: 3, family: 'inet6', vip: '2001:db8:1::61', seconds: 0.2, mac: true },
] as const;
type Case = (typeof CASES)[number] & { readonly mac?: true };

const skip = labUnavailable() ?? keepalivedUnavailable() ?? false;

describe("vipr and Debian's keepalived are routers of one VRRP group", { skip, timeout: 180_000 }, () => {
  let lab: Lab;

  before(async () => {
    lab = await Lab.open({ servers: 2, directors: 1 });
  });

  after(async () => {
    await lab.close();
  });

  for (const each of CASES) {
    const title = `version ${each.version}, ${each.family}${'mac' in each ? ', virtual MAC addresses' : ''}`;

    it(`vipr is master of higher priority, and keepalived follows it: ${title}`, async () => {
      const keepalived = startKeepalived(each, 100);
      try {
        await until(async () => (await holders(each)) === 'keepalived');
        const vipr = startVipr(each, 150);
        await until(async () => (await holders(each)) === 'vipr');
        assert.doesNotMatch(vipr.stderr, /has other|has another|advertises every|no advertisement/);
        await vipr.stop('SIGTERM', 5000);
        await until(async () => (await holders(each)) === 'keepalived');
      } finally {
        await stopAll(keepalived);
      }
    });

    it(`keepalived is master of higher priority, and vipr follows it: ${title}`, async () => {
      const vipr = startVipr(each, 50);
      try {
        await until(async () => (await holders(each)) === 'vipr');
        const keepalived = startKeepalived(each, 100);
        await until(async () => (await holders(each)) === 'keepalived');
        // Dead as a host is that loses its power: nobody gives up.
        await lab.host('rs2').shell('ip link set eth0 down');
        await until(async () => (await holders(each)).startsWith('vipr'));
        await lab.host('rs2').shell('ip link set eth0 up');
        await until(async () => (await holders(each)) === 'keepalived');
        await stopAll(keepalived);
        await until(async () => (await holders(each)) === 'vipr');
        assert.doesNotMatch(vipr.stderr, /has other|has another|advertises every/);
      } finally {
        await vipr.stop('SIGTERM', 5000);
        await lab.host('rs2').stopAll();
      }
    });
  }

  function startVipr({ version, vip, seconds, mac }: Case, priority: number): Program {
    const file = join(lab.directory, 'vipr.yaml');
    const password = version === 2 ? '      password: secret\n' : '';
    writeFileSync(
      file,
      `engine: memory
vrrp:
  instances:
    - name: web
      interface: eth0
      id: 60
      version: ${version}
      priority: ${priority}
      interval: ${seconds * 1000}ms
${password}      addresses: ["${vip}"]
${mac ? '      virtual-mac: { interface: vrrp.60 }\n' : ''}`,
    );
    return lab.host('rs1').start([join(CHECKOUT, 'bin/vipr'), 'up', '--config', file], {
      environment: { VIPR_SOURCE: '1', VIPR_SOCKET: join(lab.directory, 'sock') },
    });
  }

  function startKeepalived({ version, family, vip, seconds, mac }: Case, priority: number): Program {
    const root = unpackedWithDependencies(PACKAGE, ['keepalived']);
    const file = join(lab.directory, 'keepalived.conf');
    const password = 'authentication { auth_type PASS auth_pass secret }';
    writeFileSync(
      file,
      `global_defs { vrrp_version ${version} }
vrrp_instance web {
  state BACKUP
  interface eth0
  virtual_router_id 60
  priority ${priority}
  advert_int ${seconds}
  ${mac ? 'use_vmac' : ''}
  ${version === 2 ? password.replace('PASS ', 'PASS\n').replace('{ ', '{\n').replace(' }', '\n}') : ''}
  virtual_ipaddress {
    ${vip}${family === 'inet' ? '/32' : '/128'}
  }
}
`,
    );
    const pids = ['-p', join(lab.directory, 'pid'), '-r', join(lab.directory, 'vrrp.pid')];
    const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'].map((path) =>
      join(root, path),
    );
    return lab
      .host('rs2')
      .start([join(root, 'usr/sbin/keepalived'), '-n', '-l', '-D', '-P', '-f', file, ...pids], {
        environment: { LD_LIBRARY_PATH: libraries.join(':') },
      });
  }

  async function stopAll(program: Program): Promise<void> {
    await program.stop('SIGTERM', 5000);
    await lab.host('rs2').shell('ip link set eth0 up');
  }

  /** Who has the address: `vipr`, `keepalived`, both with a plus between, or nobody. */
  async function holders({ vip }: Case): Promise<string> {
    const has = await Promise.all(
      [
        ['vipr', 'rs1'],
        ['keepalived', 'rs2'],
      ].map(async ([who = '', host = '']) => {
        const text = await lab.host(host).output(['ip', '-o', 'addr']);
        return text.includes(` ${vip}/`) ? [who] : [];
      }),
    );
    return has.flat().join('+');
  }
});

function keepalivedUnavailable(): string | undefined {
  try {
    const root = unpackedWithDependencies(PACKAGE, ['keepalived']);
    return existsSync(join(root, 'usr/sbin/keepalived')) ? undefined : 'the package has no keepalived';
  } catch (error) {
    if (error instanceof LabUnavailable) return error.message;
    throw error;
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `not within ${LIMIT_MS} ms: ${isSo}`);
    await sleep(50);
  }
}
