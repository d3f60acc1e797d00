import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../../project/source-file.ts';
import type { Host } from '../lab/host.ts';
import { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { Program } from '../lab/program.ts';

const skip = labUnavailable() ?? false;
const LIMIT_MS = 15_000;
const VIPS = ['198.51.100.50', '198.51.100.51'] as const;

interface Router {
  readonly host: Host;
  readonly name: string;
  readonly priority: number;
}

/** Three directors on the lab's LAN and a second segment of it, with the memory engine: VRRP needs no table. */
describe('three directors elect a master by VRRP', { skip, timeout: 120_000 }, () => {
  let lab: Lab;
  let routers: readonly Router[];
  const programs = new Map<string, Program>();

  before(async () => {
    lab = await Lab.open({ servers: 3, directors: 1 });
    routers = lab.servers.map((host, index) => ({ host, name: host.name, priority: 150 - 20 * index }));
  });

  after(async () => {
    await lab.close();
  });

  it('the highest priority is master of both instances of a group', async () => {
    for (const router of routers) await start(router);
    await until(async () => (await masters()).join() === 'rs1,rs1');
  });

  it('an interface that goes down has the next one take over both, and comes back', async () => {
    const { host } = first();
    await host.shell('ip link set vrrp0 down');
    await until(async () => (await masters()).join() === 'rs2,rs2');
    await host.shell('ip link set vrrp0 up');
    await until(async () => (await masters()).join() === 'rs1,rs1');
  });

  it('a script that fails is a fault, and scripts are told', async () => {
    writeFileSync(fileOf('rs1', 'broken'), '');
    await until(async () => (await masters()).join() === 'rs2,rs2');
    await first().host.shell(`rm ${fileOf('rs1', 'broken')}`);
    await until(async () => (await masters()).join() === 'rs1,rs1');
    assert.match(readFileSync(fileOf('rs1', 'told'), 'utf8'), /^INSTANCE (?:inner|outer) MASTER 150$/m);
  });

  it('a reload with another priority moves the addresses', async () => {
    const router = { ...first(), priority: 60 };
    writeConfig(router);
    hup('rs1');
    await until(async () => (await masters()).join() === 'rs2,rs2');
    writeConfig(first());
    hup('rs1');
    await until(async () => (await masters()).join() === 'rs1,rs1');
  });

  it('a killed one is followed, and its next run removes what it left', async () => {
    await programs.get('rs1')?.stop('SIGKILL');
    await until(async () => (await holders(VIPS[0])).includes('rs2'));
    assert.deepEqual(await holders(VIPS[0]), ['rs1', 'rs2']);
    await start({ ...first(), priority: 20 });
    await until(async () => (await masters()).join() === 'rs2,rs2');
  });

  it('one that is stopped gives its addresses up at once', async () => {
    const { stderr, code } = (await programs.get('rs2')?.stop('SIGTERM', 10_000)) ?? {};
    assert.equal(code, 0, `${stderr}`);
    await until(async () => (await masters()).join() === 'rs3,rs3');
  });

  function first(): Router {
    const [router] = routers;
    assert.ok(router !== undefined);
    return router;
  }

  async function start(router: Router): Promise<void> {
    const { host, name } = router;
    mkdirSync(join(lab.directory, name), { recursive: true });
    await host.shell(
      'ip link show vrrp0 2>/dev/null || ip link add vrrp0 type veth peer vrrp1; ip link set vrrp0 up; ip link set vrrp1 up',
    );
    writeConfig(router);
    const command = [join(CHECKOUT, 'bin/vipr'), 'up', '--config', fileOf(name, 'vipr.yaml')];
    const environment = { VIPR_SOURCE: '1', VIPR_SOCKET: fileOf(name, 'sock') };
    const program = host.start(command, { environment });
    programs.set(name, program);
    await until(async () => {
      assert.ok(!program.isOver, program.stderr);
      return program.stderr.includes('control socket');
    });
  }

  function writeConfig({ name, priority }: Router): void {
    const instance = (label: string, id: number, vip: string) => `
    - name: ${label}
      interface: eth0
      id: ${id}
      priority: ${priority}
      interval: 100ms
      addresses: [${vip}/32]
      notify: { any: ${fileOf(name, 'tell')} }`;
    writeFileSync(fileOf(name, 'tell'), `#!/bin/sh\necho "$@" >> ${fileOf(name, 'told')}\n`, { mode: 0o755 });
    writeFileSync(
      fileOf(name, 'vipr.yaml'),
      `engine: memory
vrrp:
  instances:${instance('outer', 51, VIPS[0])}${instance('inner', 52, VIPS[1])}
  groups:
    - name: both
      instances: [outer, inner]
      track: [{ interface: vrrp0 }, { script: whole }]
  scripts:
    - { name: whole, command: test ! -e ${fileOf(name, 'broken')}, interval: 200ms }
`,
    );
  }

  function hup(name: string): void {
    const program = programs.get(name);
    assert.ok(program !== undefined && !program.isOver);
    process.kill(program.pid, 'SIGHUP');
  }

  function fileOf(name: string, file: string): string {
    return join(lab.directory, name, file);
  }

  /** Who has each of the addresses; several with a plus between. */
  async function masters(): Promise<string[]> {
    return Promise.all(VIPS.map(async (vip) => (await holders(vip)).join('+')));
  }

  async function holders(vip: string): Promise<string[]> {
    const has = await Promise.all(
      routers.map(async ({ host, name }) =>
        (await host.output(['ip', '-o', 'addr'])).includes(` ${vip}/`) ? [name] : [],
      ),
    );
    return has.flat();
  }
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `not within ${LIMIT_MS} ms: ${isSo}`);
    await sleep(50);
  }
}
