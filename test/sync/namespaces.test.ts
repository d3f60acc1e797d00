import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { IpAddress } from '../../src/model/address.ts';
import type { SyncDaemon } from '../../src/model/daemon.ts';
import { encodeSync } from '../../src/sync/message/encode-sync.ts';
import type { Host } from '../netns/lab/host.ts';
import { Lab } from '../netns/lab/lab.ts';
import { plainLabUnavailable } from '../netns/lab/lab-unavailable.ts';
import { daemonOf } from './fixture/fake-director.ts';
import { recordOf } from './fixture/record-of.ts';
import { SyncHost } from './fixture/sync-host.ts';
import { until } from './fixture/until.ts';

const skip = plainLabUnavailable('nft') ?? false;
const WHOLE = 100_000;

describe('two directors in namespaces', { skip, timeout: 240_000 }, () => {
  let lab: Lab;
  let hosts: { readonly master: Host; readonly backup: Host };
  let master: SyncHost;
  let backup: SyncHost;
  let count = 0;

  before(async () => {
    lab = await Lab.open({ servers: 2 });
    hosts = { master: lab.host('rs1'), backup: lab.host('rs2') };
  });

  after(async () => {
    await lab.close();
  });

  beforeEach(async () => {
    count += 1;
    master = await SyncHost.open(hosts.master, lab.directory, `master-${count}`);
    backup = await SyncHost.open(hosts.backup, lab.directory, `backup-${count}`);
  });

  afterEach(async () => {
    await Promise.all([master.end(), backup.end()]);
  });

  const start = (host: SyncHost, role: SyncDaemon['role'], changes: Partial<SyncDaemon> = {}) =>
    host.do({ do: 'start', daemon: { ...daemonOf(role), ...changes } });

  const synchronised = () => until('synchronised', async () => (await backup.backup()).isSynchronised);
  const arrived = (entries: number) =>
    until(`${entries} entries`, async () => (await backup.look()).entries === entries);

  for (const group of ['224.0.0.81', 'ff02::81', 'ff05::81']) {
    it(`connections arrive by ${group}, and the whole table before`, async () => {
      const changes = { group: group as IpAddress };
      await master.do({ do: 'fill', count: 500 });
      await start(master, 'master', changes);
      await start(backup, 'backup', changes);
      await synchronised();
      assert.equal((await backup.look()).entries, 500);
      await master.do({ do: 'tell', first: 500, count: 500 });
      await arrived(1000);
      const { masters, records, dismissed, fault } = await backup.backup();
      assert.equal(fault, undefined);
      assert.deepEqual([records.added, records.unsupported], [1000, 0]);
      assert.ok(
        Object.values(dismissed).every((times) => times === 0),
        JSON.stringify(dismissed),
      );
      assert.equal(
        masters[0]?.address,
        group === 'ff02::81' ? await linkLocal(hosts.master) : addressOf(group),
      );
    });
  }

  it(`a table of ${WHOLE} connections arrives whole, and takes little memory of its master`, async (test) => {
    await master.do({ do: 'fill', count: WHOLE });
    await backup.do({ do: 'fill', count: 0 });
    await start(master, 'master');
    await start(backup, 'backup');
    await synchronised();
    const [sender, receiver] = await Promise.all([master.look(), backup.look()]);
    assert.equal(receiver.entries, WHOLE);
    assert.deepEqual(sender.status.master?.tables, { sent: 1, records: WHOLE });
    const mebibytes = (sender.mostMemory - sender.idleMemory) / 2 ** 20;
    test.diagnostic(
      `${receiver.lines.find((line) => line.includes('whole'))}; the master took ${mebibytes.toFixed(0)} MiB for it, and its event loop stood ${sender.mostDelay.toFixed(0)} ms at most, the backup's ${receiver.mostDelay.toFixed(0)} ms`,
    );
    assert.ok(mebibytes < 100, `${mebibytes} MiB`);
  });

  it('a master that is killed and starts again is asked again', async () => {
    await start(master, 'master');
    await start(backup, 'backup');
    await synchronised();
    await master.end();
    count += 1;
    master = await SyncHost.open(hosts.master, lab.directory, `master-${count}`);
    await master.do({ do: 'fill', count: 300 });
    await start(master, 'master');
    await arrived(300);
    await synchronised();
    assert.equal((await backup.backup()).masters.length, 1);
  });

  it('datagrams that a firewall drops for a while are made good by the whole table', async () => {
    await start(master, 'master');
    await start(backup, 'backup');
    await synchronised();
    await hosts.backup.shell(`nft -f - <<'END'
      table ip sync { chain lose { type filter hook input priority 0; udp dport 8848 udp length != 36 drop; }; }
END`);
    try {
      await master.do({ do: 'tell', first: 0, count: 400 });
      await until('missed', async () => {
        const { masters, isSynchronised } = await backup.backup();
        return (masters[0]?.missed ?? 0) > 0 && !isSynchronised;
      });
    } finally {
      await hosts.backup.shell('nft delete table ip sync');
    }
    await synchronised();
    assert.equal((await backup.look()).entries, 400);
  });

  it('sync IDs keep apart', async () => {
    await master.do({ do: 'fill', count: 10 });
    await start(master, 'master', { syncId: 7 });
    await start(backup, 'backup', { syncId: 8 });
    await until('beacons', async () => ((await backup.backup()).dismissed['sync-id'] ?? 0) >= 2);
    await master.do({ do: 'tell', first: 10, count: 10 });
    await synchronised();
    assert.deepEqual([(await backup.look()).entries, (await backup.backup()).masters], [0, []]);
  });

  it('a master that is no vipr is followed, and not asked', async () => {
    await start(backup, 'backup');
    await until('it listens', async () => (await backup.backup()).waitingFor === 'beacons of masters');
    const plain = Buffer.from(encodeSync({ syncId: 5, records: [recordOf(0), recordOf(2)] }));
    await sendOnce(hosts.master, plain);
    await arrived(2);
    assert.equal((await backup.backup()).isSynchronised, false);
    await synchronised();
    const [source] = (await backup.backup()).masters;
    assert.deepEqual([source?.givesTable, source?.table], [false, undefined]);
  });

  it('an interface that goes down and comes back is used again', async () => {
    await start(master, 'master');
    await start(backup, 'backup');
    await synchronised();
    await hosts.backup.shell('ip link set eth0 down');
    await until('a fault', async () => (await backup.backup()).fault !== undefined);
    await master.do({ do: 'tell', first: 0, count: 10 });
    await hosts.backup.shell('ip link set eth0 up; ip addr replace fd02::12/64 dev eth0 nodad');
    await arrived(10);
    await synchronised();
    assert.equal((await backup.backup()).fault, undefined);
  });

  it('both roles run on both, and nobody hears itself', async () => {
    for (const host of [master, backup]) {
      await start(host, 'master');
      await start(host, 'backup');
    }
    await synchronised();
    await master.do({ do: 'tell', first: 0, count: 10 });
    await backup.do({ do: 'tell', first: 10, count: 10 });
    await arrived(20);
    await until('both', async () => (await master.look()).entries === 20);
    for (const host of [master, backup]) {
      const { masters, dismissed } = await host.backup();
      assert.deepEqual([masters.length, dismissed.own], [1, 0]);
    }
  });

  it('who is in no network of the interface gets no table, and the master says so', async () => {
    await master.do({ do: 'fill', count: 10 });
    await start(master, 'master');
    await until('it gives tables', async () => (await master.master()).fault === undefined);
    const stranger = lab.client;
    await stranger.shell(
      'ip addr add 10.77.0.1/32 dev eth1; ip route add 10.2.0.11/32 dev eth1 src 10.77.0.1',
    );
    await hosts.master.shell('ip route add 10.77.0.1/32 dev eth0');
    const script = `const s = require('node:net').connect(8848, '10.2.0.11'); let n = 0;
      s.on('data', (d) => { n += d.length; }); s.on('close', () => console.log(n)); s.on('error', () => {});`;
    assert.equal((await stranger.output([process.execPath, '-e', script])).trim(), '0');
    await until('a warning', async () =>
      (await master.look()).lines.some((line) => line.includes('10.77.0.1')),
    );
  });
});

function addressOf(group: string): string {
  return group.includes(':') ? 'fd02::11' : '10.2.0.11';
}

async function linkLocal(host: Host): Promise<string> {
  const text = await host.output(['ip', '-6', '-o', 'addr', 'show', 'dev', 'eth0', 'scope', 'link']);
  return /inet6 (\S+)\//.exec(text)?.[1] ?? '';
}

/** One datagram to the group, from an ordinary socket. */
async function sendOnce(host: Host, datagram: Buffer): Promise<void> {
  const script = `
    const s = require('node:dgram').createSocket('udp4');
    s.bind(0, '10.2.0.11', () => {
      s.setMulticastInterface('10.2.0.11');
      s.send(Buffer.from(process.argv[1], 'hex'), 8848, '224.0.0.81', () => s.close());
    });`;
  await host.output([process.execPath, '-e', script, datagram.toString('hex')]);
}
