import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectorClient } from '../../src/api/client.ts';
import { parseMetrics } from '../../src/api/metrics/parse-metrics.ts';
import { vrrpResponse } from '../../src/api/schema/vrrp-schema.ts';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';
import { RouteNetlink } from '../../src/netlink/route/route-netlink.ts';
import { enterOwnNetwork } from '../netlink/own-network.ts';

const skip = enterOwnNetwork() ?? false;
const LIMIT_MS = 40_000;

/** The two ends of a cable in one namespace, with a director on each: sources are local addresses, which IPv4 takes only when told to. */
describe('two directors that elect a master, as their operators see them', { skip, timeout: 180_000 }, () => {
  const left = new TestDirectory();
  const right = new TestDirectory();
  const running: ViprProcess[] = [];
  const clients = [new DirectorClient(left.socket), new DirectorClient(right.socket)] as const;
  const [toLeft, toRight] = clients;

  before(async () => {
    writeFileSync('/proc/sys/net/ipv4/conf/all/accept_local', '1');
    const netlink = new RouteNetlink();
    await netlink.links.add({ name: 'left', kind: 'veth', peer: 'right' });
    for (const [name, address] of [
      ['left', '10.9.0.1'],
      ['right', '10.9.0.2'],
    ] as const) {
      const index = (await netlink.links.find(name))?.index ?? 0;
      await netlink.links.change(index, { up: true });
      await netlink.addresses.add({ index, address, prefixLength: 24 });
    }
    netlink.close();
    await start(left, 'left', 150);
    await until(async () => (await toLeft.vrrp()).instances[0]?.state === 'master');
    await start(right, 'right', 100);
    await until(async () => (await toRight.vrrp()).instances[0]?.lastHeard !== undefined);
  });

  after(async () => {
    for (const client of clients) await client.close();
    for (const each of running) await each[Symbol.asyncDispose]();
    for (const directory of [left, right]) directory[Symbol.dispose]();
  });

  it('GET /v1/vrrp tells who is master, in the form of the document', async () => {
    const [master, backup] = [await toLeft.vrrp(), await toRight.vrrp()];
    assert.deepEqual(vrrpResponse.parse(master), master);
    assert.deepEqual(
      [master, backup].map(({ instances: [one] }) => [one?.name, one?.state, one?.priority, one?.source]),
      [
        ['web', 'master', 150, '10.9.0.1'],
        ['web', 'backup', 100, '10.9.0.2'],
      ],
    );
    assert.equal(backup.instances[0]?.lastHeard?.address, '10.9.0.1');
    assert.deepEqual((await toLeft.status()).vrrp?.groups, [
      { name: 'pair', state: 'master', instances: ['web'] },
    ]);
  });

  it('vipr vrrp and vipr status show it', async () => {
    const master = await vipr(left, 'vrrp', '--verbose');
    assert.match(
      master.stdout,
      /^web {2}master for \d+ s, priority 150\n {2}interface left, VRID 51, version 3, IPv4, from 10\.9\.0\.1, group pair\n {2}addresses 192\.0\.2\.50\n/,
    );
    assert.match(master.stdout, /\n {2}became master 1, gave it up 0, /);
    assert.match(master.stdout, /\ngroup pair {2}master: web\n/);
    const backup = await vipr(right, 'vrrp');
    assert.match(
      backup.stdout,
      /^web {2}backup for .*\n.*\n.*\n {2}master 10\.9\.0\.1, priority 150, \d+ s ago\n/,
    );
    assert.deepEqual([master.code, backup.code], [0, 0]);
    assert.match((await vipr(left, 'status')).stdout, /^VRRP: master web$/m);
    assert.match((await vipr(right, 'status')).stdout, /^VRRP: backup web$/m);
  });

  it('metrics show it', async () => {
    const families = parseMetrics(await toLeft.metrics(['vrrp']));
    const [state] = families.get('keepalived_vrrp_state')?.samples ?? [];
    assert.deepEqual(
      [state?.labels, state?.value],
      [{ iname: 'web', intf: 'left', vrid: '51', ip_address: '192.0.2.50' }, 2],
    );
    assert.equal(families.get('keepalived_become_master_total')?.samples[0]?.value, 1);
    assert.ok((families.get('keepalived_advertisements_sent_total')?.samples[0]?.value ?? 0) > 0);
  });

  it('vipr sync shows the daemons that ipvsadm started', async () => {
    assert.equal(
      (await vipr(left, 'sync')).stdout,
      'no synchronisation daemon runs, and none is configured\n',
    );
    const daemon = ['--mcast-interface', 'lo', '--syncid', '7'];
    assert.equal((await vipr(left, 'ipvsadm', '--start-daemon', 'master', ...daemon)).code, 0);
    const { code, stdout } = await vipr(left, 'sync');
    assert.equal(code, 0);
    assert.match(stdout, /^master {2}runs.*\n {2}interface lo, sync ID 7, 224\.0\.0\.81:8848, /);
    assert.match((await vipr(left, 'status')).stdout, /^synchronisation: master on lo$/m);
    const info = parseMetrics(await toLeft.metrics(['sync'])).get('vipr_sync_daemon_info');
    assert.equal(info?.samples[0]?.labels.sync_id, '7');
  });

  it('an interface that is not there is a fault, exit code 1, and has the other one take over', async () => {
    left.write('vipr.yaml', configuration('gone', 150));
    await toLeft.reload();
    await until(async () => (await toLeft.vrrp()).instances[0]?.state === 'fault');
    const { code, stdout } = await vipr(left, 'vrrp');
    assert.equal(code, 1);
    assert.match(stdout, /^ {2}FAULT: .*interface gone does not exist$/m);
    assert.match(
      (await vipr(left, 'status')).stdout,
      /^VRRP: fault web \(.*interface gone does not exist\)$/m,
    );
    await until(async () => (await toRight.vrrp()).instances[0]?.state === 'master');
    const families = parseMetrics(await toRight.metrics(['vrrp']));
    assert.equal(families.get('keepalived_priority_zero_received_total')?.samples[0]?.value, 1);
  });

  async function start(directory: TestDirectory, device: string, priority: number): Promise<void> {
    const file = directory.write('vipr.yaml', configuration(device, priority));
    const director = new ViprProcess(['up', '--config', file, '--socket', directory.socket]);
    running.push(director);
    await director.logs('control socket');
  }
});

function configuration(device: string, priority: number): string {
  return `engine: memory
vrrp:
  instances:
    - { name: web, interface: ${device}, id: 51, priority: ${priority}, interval: 1s, addresses: [192.0.2.50/32] }
  groups:
    - { name: pair, instances: [web] }
`;
}

async function vipr({ socket }: TestDirectory, ...args: readonly string[]) {
  await using run = new ViprProcess(args, { VIPR_SOCKET: socket });
  const { code } = await run.ended;
  return { code, stdout: run.stdout };
}

/** Waits until it holds; a question that fails is asked again. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; !(await holds().catch(() => false)); await sleep(50)) {
    assert.ok(performance.now() < end, `${holds} does not hold`);
  }
}
