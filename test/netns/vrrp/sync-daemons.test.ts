import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../../project/source-file.ts';
import { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { Program } from '../lab/program.ts';

const skip = labUnavailable() ?? false;
const LIMIT_MS = 20_000;
const VIP = '198.51.100.70';
const NAMES = ['rs1', 'rs2'] as const;
type Name = (typeof NAMES)[number];

/** Two directors with the memory engine, whose daemons send nothing: `ipvsadm` shows which run. */
describe('synchronisation daemons follow VRRP', { skip, timeout: 180_000 }, () => {
  let lab: Lab;
  const programs = new Map<Name, Program>();

  before(async () => {
    lab = await Lab.open({ servers: 2, directors: 1 });
  });

  after(async () => {
    await lab.close();
  });

  it('the master of VRRP is that of synchronisation, and the other one a backup', async () => {
    for (const name of NAMES) await start(name);
    await untilDaemons('rs1', 'master eth0 70');
    await untilDaemons('rs2', 'backup eth0 70');
  });

  it('an interface in fault makes a backup of the master, and a master of the backup', async () => {
    await lab.host('rs1').shell('ip link set vrrp0 down');
    await untilDaemons('rs1', 'backup eth0 70');
    await untilDaemons('rs2', 'master eth0 70');
    await lab.host('rs1').shell('ip link set vrrp0 up');
    await untilDaemons('rs1', 'master eth0 70');
    await untilDaemons('rs2', 'backup eth0 70');
  });

  it('a reload with another ID starts the daemon anew, and without a section stops it', async () => {
    reload('rs1', sync('eth0', 71));
    await untilDaemons('rs1', 'master eth0 71');
    reload('rs1', '');
    await untilDaemons('rs1', '');
    await lab.host('rs1').output([...ipvsadm('rs1'), '--start-daemon', 'backup', '--mcast-interface', 'lo']);
    reload('rs1', '# nothing\n');
    await until(async () => log('rs1').includes('reloaded'));
    assert.equal(await daemons('rs1'), 'backup lo 0', 'that of an operator stays');
    reload('rs1', sync('eth0', 70));
    await untilDaemons('rs1', 'master eth0 70');
  });

  it('one whose interface is missing starts when it is there, and is told once', async () => {
    reload('rs2', sync('late0', 70));
    await until(async () => log('rs2').includes('synchronisation daemon on late0, ID 70 cannot be started'));
    assert.match(
      await lab.host('rs2').output([...vipr('rs2'), 'status']),
      /^synchronisation: backup on late0 does NOT run: .*late0/m,
    );
    const missing = await lab.host('rs2').run([...vipr('rs2'), 'sync']);
    assert.equal(missing.code, 1);
    const told = missing.stdout.toString();
    assert.match(told, /^backup {2}does NOT run, for \d+ s now: .*late0/);
    assert.match(told, /^ {2}interface late0, sync ID 70, follows VRRP web, /m);
    await lab.host('rs2').shell('ip link add late0 type veth peer late1 && ip link set late0 up');
    await untilDaemons('rs2', 'backup late0 70');
    assert.equal(log('rs2').match(/cannot be started/g)?.length, 1, log('rs2'));
    const there = await lab.host('rs2').output([...vipr('rs2'), 'sync']);
    assert.match(there, /^backup {2}runs; .*\n.*\n {2}of the configuration, follows VRRP web\n$/);
  });

  it('a killed master is followed; one that ends stops its daemons and gives up', async () => {
    await programs.get('rs1')?.stop('SIGKILL');
    await untilDaemons('rs2', 'master late0 70');
    await programs.get('rs2')?.stop('SIGTERM', 10_000);
    const end = /stopped the master synchronisation daemon on late0, ID 70/;
    assert.match(log('rs2'), end);
    assert.doesNotMatch(log('rs2').slice(log('rs2').search(end)), /started the backup/);
  });

  it('an engine without daemons refuses the file by name', async () => {
    writeConfig('rs1', sync('eth0', 70), 'relay');
    const refused = lab.host('rs1').start([...vipr('rs1'), 'up', '--config', fileOf('rs1', 'vipr.yaml')]);
    await until(async () => refused.isOver);
    assert.match(refused.stderr, /sync\[0\]: the relay engine cannot do this: connection synchronisation/);
  });

  async function start(name: Name): Promise<void> {
    mkdirSync(join(lab.directory, name), { recursive: true });
    await lab
      .host(name)
      .shell('ip link add vrrp0 type veth peer vrrp1; ip link set vrrp0 up; ip link set vrrp1 up');
    writeConfig(name, sync('eth0'));
    const program = lab.host(name).start([...vipr(name), 'up', '--config', fileOf(name, 'vipr.yaml')]);
    programs.set(name, program);
    await until(async () => {
      assert.ok(!program.isOver, program.stderr);
      return program.stderr.includes('control socket');
    });
  }

  function vipr(name: Name): string[] {
    return ['env', 'VIPR_SOURCE=1', `VIPR_SOCKET=${fileOf(name, 'sock')}`, join(CHECKOUT, 'bin/vipr')];
  }

  function ipvsadm(name: Name): string[] {
    return [...vipr(name), 'ipvsadm'];
  }

  function writeConfig(name: Name, section: string, engine = 'memory'): void {
    writeFileSync(
      fileOf(name, 'vipr.yaml'),
      `engine: ${engine}
vrrp:
  instances:
    - name: web
      interface: eth0
      id: 70
      priority: ${name === 'rs1' ? 150 : 100}
      interval: 100ms
      addresses: [${VIP}/32]
      track: [{ interface: vrrp0 }]
${section}`,
    );
  }

  function reload(name: Name, section: string): void {
    writeConfig(name, section);
    const program = programs.get(name);
    assert.ok(program !== undefined && !program.isOver);
    process.kill(program.pid, 'SIGHUP');
  }

  function log(name: Name): string {
    return programs.get(name)?.stderr ?? '';
  }

  function fileOf(name: Name, file: string): string {
    return join(lab.directory, name, file);
  }

  /** `master eth0 70`, for each that runs. */
  async function daemons(name: Name): Promise<string> {
    const text = await lab.host(name).output([...ipvsadm(name), '-L', '--daemon']);
    return [...text.matchAll(/^(\w+) sync daemon \(mcast=(\w+), syncid=(\d+),/gm)]
      .map(([, role, device, id]) => `${role} ${device} ${id}`)
      .join();
  }

  async function untilDaemons(name: Name, wanted: string): Promise<void> {
    await until(async () => (await daemons(name)) === wanted);
  }
});

/** The section of a daemon that follows the instance; the ID is the instance's where none is given. */
function sync(device: string, id?: number): string {
  return `sync: [{ follow: web, interface: ${device}${id === undefined ? '' : `, id: ${id}`} }]\n`;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `not within ${LIMIT_MS} ms: ${isSo}`);
    await sleep(50);
  }
}
