import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../../project/source-file.ts';
import type { Host } from '../lab/host.ts';
import { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { Program } from '../lab/program.ts';
import { ping } from '../peer/ping.ts';

const skip = labUnavailable('ping', 'tcpdump') ?? false;
const LIMIT_MS = 15_000;
/** In the network of the LAN, so that the neighbour asks for them. */
const ROUTERS = [
  { family: 'inet', vip: '10.2.0.200', device: 'vrrp.51', mac: '00:00:5e:00:01:33', filter: 'ip proto 112' },
  {
    family: 'inet6',
    vip: 'fd02::200',
    device: 'vrrp6.51',
    mac: '00:00:5e:00:02:33',
    filter: 'ip6 proto 112',
  },
] as const;

describe('directors with virtual MAC addresses', { skip, timeout: 180_000 }, () => {
  let lab: Lab;
  let neighbour: Host;
  const programs = new Map<string, Program>();

  before(async () => {
    lab = await Lab.open({ servers: 3, directors: 1 });
    neighbour = lab.host('rs3');
    // As the kernel has it, and with strict return paths: what is needed the director has to set.
    for (const name of ['rs1', 'rs2'])
      await lab.host(name).shell(`
        cd /proc/sys/net/ipv4/conf
        echo 1 >all/rp_filter
        for file in all/arp_ignore all/arp_announce eth0/arp_ignore eth0/arp_announce; do echo 0 >$file; done`);
  });

  after(async () => {
    await lab.close();
  });

  it('one is master, and the neighbour finds the addresses at the virtual MAC addresses', async () => {
    await start('rs1', 150);
    await until(async () => (await masters()) === 'rs1,rs1');
    await start('rs2', 100);
    await until(async () => programs.get('rs2')?.stderr.match(/-> backup/g)?.length === 2);
    for (const { vip, mac } of ROUTERS) {
      assert.equal((await ping(neighbour, vip)).received, 1);
      assert.equal(await neighbourMac(vip), mac);
    }
  });

  it('advertisements come from them, and the interface of a backup is down', async () => {
    for (const { device, mac, filter } of ROUTERS) {
      const words = ['tcpdump', '-c', '3', '-nne', '-i', 'eth0', filter];
      const heard = (await neighbour.output(words)).trim().split('\n');
      assert.deepEqual(
        heard.map((line) => line.split(' ')[1]),
        [mac, mac, mac],
      );
      assert.match(
        await lab.host('rs2').output(['ip', '-o', 'link', 'show', device]),
        /<BROADCAST,MULTICAST>/,
      );
    }
  });

  it('the next master has the same, and the neighbour asks nobody', async () => {
    const asking = neighbour.start(['tcpdump', '-c', '1', '-nn', '-i', 'eth0', '-Q', 'out', ASKING]);
    await until(async () => asking.stderr.includes('listening'));
    await lab.host('rs1').shell('ip link set eth0 down');
    await until(async () => (await masters()).endsWith('rs2,rs2'));
    for (const { vip, mac } of ROUTERS) {
      assert.ok((await ping(neighbour, vip, { count: 3 })).received >= 2);
      assert.equal(await neighbourMac(vip), mac);
    }
    const { stdout } = await asking.stop('SIGINT', 5000);
    assert.equal(`${stdout}`.trim(), '');
    await lab.host('rs1').shell('ip link set eth0 up; ip addr replace fd02::11/64 dev eth0 nodad');
    await until(async () => (await masters()) === 'rs1,rs1');
    for (const { vip, mac } of ROUTERS) {
      assert.equal((await ping(neighbour, vip)).received, 1);
      assert.equal(await neighbourMac(vip), mac);
    }
  });

  it('two masters with the same MAC address hear of one another', async () => {
    const ports = ['rs1', 'rs2'].map((name) => `lan-${name}`);
    const isolate = (how: 'on' | 'off') =>
      lab.host('switch').shell(ports.map((port) => `bridge link set dev ${port} isolated ${how}\n`).join(''));
    await isolate('on');
    await until(async () => (await masters()) === 'rs1+rs2,rs1+rs2');
    await isolate('off');
    await until(async () => (await masters()) === 'rs1,rs1');
  });

  it('what a killed run left is replaced, not doubled', async () => {
    await programs.get('rs1')?.stop('SIGKILL');
    await until(async () => (await masters()) === 'rs1+rs2,rs1+rs2');
    await start('rs1', 50);
    await until(async () => programs.get('rs1')?.stderr.match(/-> backup/g)?.length === 2);
    await until(async () => (await masters()) === 'rs2,rs2');
    const links = await lab.host('rs1').output(['ip', '-d', '-o', 'link', 'show', 'type', 'macvlan']);
    assert.equal(links.match(/macvlan mode private/g)?.length, 2, links);
  });

  it('an interface that somebody deletes comes back', async () => {
    await lab.host('rs2').shell('ip link del vrrp.51');
    await until(async () => (await masters()) === 'rs2,rs2' || (await masters()) === 'rs1,rs2');
    await until(async () => (await lab.host('rs2').run(['ip', 'link', 'show', 'vrrp.51'])).code === 0);
    await until(async () => (await masters()) === 'rs2,rs2');
  });

  it('the end leaves no interface, and the settings that were there', async () => {
    for (const name of ['rs2', 'rs1']) {
      const { code, stderr } = (await programs.get(name)?.stop('SIGTERM', 10_000)) ?? {};
      assert.equal(code, 0, `${stderr}`);
      const host = lab.host(name);
      assert.equal(await host.output(['ip', '-o', 'link', 'show', 'type', 'macvlan']), '');
    }
    const settings = 'cd /proc/sys/net/ipv4/conf; cat eth0/arp_ignore eth0/arp_announce all/arp_ignore';
    assert.equal(await lab.host('rs2').shell(settings), '0\n0\n0\n');
  });

  async function start(name: string, priority: number): Promise<void> {
    const directory = join(lab.directory, name);
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'vipr.yaml');
    const instances = ROUTERS.map(
      ({ family, vip, device }) =>
        `    - { name: ${family}, interface: eth0, id: 51, priority: ${priority}, interval: 100ms, addresses: ["${vip}"], virtual-mac: { interface: ${device} } }\n`,
    );
    writeFileSync(file, `engine: memory\nvrrp:\n  instances:\n${instances.join('')}`);
    const environment = { VIPR_SOURCE: '1', VIPR_SOCKET: join(directory, 'sock') };
    const command = [join(CHECKOUT, 'bin/vipr'), 'up', '--config', file];
    const program = lab.host(name).start(command, { environment });
    programs.set(name, program);
    await until(async () => {
      assert.ok(!program.isOver, program.stderr);
      return program.stderr.includes('control socket');
    });
  }

  /** Who has each of the addresses, on an interface that is up; several with a plus between. */
  async function masters(): Promise<string> {
    const texts = await Promise.all(
      ['rs1', 'rs2'].map(async (name) => [
        name,
        await lab.host(name).output(['ip', '-o', 'addr', 'show', 'up']),
      ]),
    );
    return ROUTERS.map(({ vip, device }) =>
      texts
        .filter(([, text]) => new RegExp(`: ${device.replace('.', '\\.')} .* ${vip}/`).test(text ?? ''))
        .map(([name]) => name)
        .join('+'),
    ).join();
  }

  async function neighbourMac(vip: string): Promise<string | undefined> {
    return /lladdr (\S+)/.exec(await neighbour.output(['ip', 'neigh', 'show', vip]))?.[1];
  }
});

/** Questions to all for the MAC address of a virtual address; what is known is asked about only where it is. */
const ASKING = `(arp[6:2] = 1 and ether broadcast and arp[24:4] = 0x0a0200c8) or (icmp6 and ip6[40] = 135 and ip6 multicast and ip6[62:2] = 0x0200)`;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    assert.ok(performance.now() < end, `not within ${LIMIT_MS} ms: ${isSo}`);
    await sleep(50);
  }
}
