import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { Capture } from '../peer/capture.ts';
import { Duel } from './fixture/duel.ts';
import { keepalivedUnavailable } from './fixture/keepalived.ts';
import { until } from './fixture/until.ts';

const VIP = '198.51.100.65';
const INNER = '198.51.100.66';

const skip = labUnavailable() ?? keepalivedUnavailable() ?? onlyInWhole();

/** Each has keepalived.conf's words on both sides: vipr reads the same file. */
describe("settings of VRRP mean to vipr what they mean to Debian's keepalived", {
  skip,
  timeout: 400_000,
}, () => {
  let duel: Duel;

  before(async () => {
    duel = await Duel.open();
  });

  after(() => duel.close());

  afterEach(() => duel.end(VIP, INNER));

  it('nothing but what has to be said: version 2, 1 s, and the same file', async () => {
    const conf = (priority: number) => `vrrp_instance web {
  interface eth0
  virtual_router_id 65
  priority ${priority}
  virtual_ipaddress {
    ${VIP}/32
  }
}
`;
    await duel.startVipr(conf(110), 'vipr.conf');
    await duel.master('vipr', VIP);
    duel.startKeepalived(conf(120));
    await duel.master('keepalived', VIP);
    await duel.stop('keepalived');
    await duel.master('vipr', VIP);
    duel.startKeepalived(conf(100));
    await until(() => duel.logs.includes('Entering BACKUP STATE'));
    await dies();
  });

  it('nopreempt leaves a master of lower priority alone, on either side, and replaces a dead one', async () => {
    const eager = conf(100, '');
    const patient = conf(150, 'nopreempt');
    duel.startKeepalived(eager);
    await duel.master('keepalived', VIP);
    await duel.startVipr(patient, 'vipr.conf');
    await stays('keepalived');
    await duel.stop('keepalived');
    await duel.master('vipr', VIP);
    await duel.end(VIP);
    await duel.startVipr(eager, 'vipr.conf');
    await duel.master('vipr', VIP);
    duel.startKeepalived(patient);
    await stays('vipr');
    await dies();
  });

  it('preempt_delay has a higher priority wait, on either side', async () => {
    const eager = conf(100, '');
    const patient = conf(150, 'preempt_delay 6');
    duel.startKeepalived(eager);
    await duel.master('keepalived', VIP);
    await duel.startVipr(patient, 'vipr.conf');
    await stays('keepalived');
    await duel.master('vipr', VIP);
    await duel.end(VIP);
    await duel.startVipr(eager, 'vipr.conf');
    await duel.master('vipr', VIP);
    duel.startKeepalived(patient);
    await stays('vipr');
    await duel.master('keepalived', VIP);
  });

  it('a sync group moves as a whole, from either side', async () => {
    const both = [VIP, INNER];
    await duel.startVipr(groupConf(110), 'vipr.conf');
    duel.startKeepalived(groupConf(100));
    await duel.master('vipr', ...both);
    await spare('vipr', 'down');
    await duel.master('keepalived', ...both);
    await spare('vipr', 'up');
    await duel.master('vipr', ...both);
    await duel.end(...both);
    await duel.startVipr(groupConf(100), 'vipr.conf');
    duel.startKeepalived(groupConf(110));
    await duel.master('keepalived', ...both);
    await spare('keepalived', 'down');
    await duel.master('vipr', ...both);
    await spare('keepalived', 'up');
    await duel.master('keepalived', ...both);
  });

  it('garp_ settings put the same frames on the wire', async () => {
    const words =
      'garp_master_delay 2\ngarp_master_repeat 3\ngarp_master_refresh 1\ngarp_master_refresh_repeat 2';
    const theirs = await announcedBy('keepalived', words);
    const ours = await announcedBy('vipr', words);
    // At once 3; after 2 s 3; and from then on every second 2, of which at least one is due.
    for (const [who, frames] of [
      ['keepalived', theirs],
      ['vipr', ours],
    ] as const)
      assert.ok(frames.length >= 8, `${who}: ${frames.length}`);
    const [one, other] = [theirs, ours].map((frames) => comparable(frames[0]));
    assert.deepEqual(other, one);
  });

  /** Gratuitous ARP of the address from a master of its own, until well after the refresh began. */
  async function announcedBy(rival: 'vipr' | 'keepalived', words: string): Promise<readonly Buffer[]> {
    const capture = await Capture.start(duel.lab.client, 'eth1', `arp and dst host ${VIP}`);
    if (rival === 'vipr') await duel.startVipr(conf(100, words), 'vipr.conf');
    else duel.startKeepalived(conf(100, words));
    await duel.master(rival, VIP);
    await capture.atLeast(8, 15_000);
    const frames = await capture.stop();
    await duel.end(VIP);
    return frames;
  }

  /** Stays master for longer than the other one's patience. */
  /** vipr is killed, and keepalived takes the address, which vipr leaves where it was. */
  async function dies(): Promise<void> {
    await duel.kill('vipr');
    await until(
      async () => (await duel.holders(VIP)).endsWith('keepalived'),
      () => duel.logs,
    );
  }

  async function stays(rival: 'vipr' | 'keepalived'): Promise<void> {
    const end = performance.now() + 2500;
    while (performance.now() < end) {
      assert.equal(await duel.holders(VIP), rival, duel.logs);
      await sleep(100);
    }
  }

  async function spare(rival: 'vipr' | 'keepalived', state: 'up' | 'down'): Promise<void> {
    await duel.host(rival).shell(`ip link set spare ${state}`);
  }
});

function conf(priority: number, more: string): string {
  return `global_defs {
  vrrp_version 3
}
${instance('web', 65, VIP, priority, more)}`;
}

function groupConf(priority: number): string {
  return `global_defs {
  vrrp_version 3
}
vrrp_sync_group both {
  group {
    outer
    inner
  }
}
${instance('outer', 65, VIP, priority, '')}
${instance('inner', 66, INNER, priority, 'track_interface {\n spare\n }')}`;
}

function instance(name: string, id: number, vip: string, priority: number, more: string): string {
  return `vrrp_instance ${name} {
  state BACKUP
  interface eth0
  virtual_router_id ${id}
  priority ${priority}
  advert_int 0.2
  virtual_ipaddress {
    ${vip}/32
  }
  ${more}
}
`;
}

/** An ARP frame without the MAC addresses of the host that sent it. */
function comparable(frame: Buffer | undefined): unknown {
  assert.ok(frame !== undefined);
  return {
    to: frame.subarray(0, 6).toString('hex'),
    header: frame.subarray(12, 22).toString('hex'),
    isOfItself: frame.subarray(6, 12).equals(frame.subarray(22, 28)),
    sender: frame.subarray(28, 32).join('.'),
    target: frame.subarray(38, 42).join('.'),
  };
}
