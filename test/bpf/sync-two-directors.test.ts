import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { CONNECTION_SYNCHRONISED, SETTING_SYNC_MASTER } from '../../src/engines/ebpf/layout.gen.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { put } from './harness/sync-put.ts';
import { takeTold, told } from './harness/told.ts';
import { datagram, segment } from './harness/traffic.ts';

const SERVERS = ['10.2.0.11:80', '10.2.0.12:80', '10.2.0.13:80'];

/** What one data plane tells is put into another one, with the same services. */
describe('a connection goes on at the other director', { skip: whyNoLab }, () => {
  let master: Lab;
  let backup: Lab;
  beforeEach(() => {
    master = new Lab();
    backup = new Lab();
    lead(master);
  });
  afterEach(() => {
    master.plane.takeEvents();
    backup.plane.takeEvents();
    for (const lab of [master, backup]) {
      drain(lab);
      lab.close();
    }
  });

  const lead = (lab: Lab) => lab.set({ flags: SETTING_SYNC_MASTER, syncThreshold: 3, syncPeriod: 50 });

  async function configure(lines: string): Promise<void> {
    await master.configure(lines);
    await backup.configure(lines);
  }

  /** What the master tells is put into the backup. */
  function pass(): string[] {
    return takeTold(master).map(
      ({ protocol, client, virtual, server, inactive, template, timeout, record }) =>
        put(backup, `${client} > ${virtual}`, server, {
          protocol: protocol === 'udp' ? 'udp' : 'tcp',
          state: record.word & 0xff,
          inactive,
          template,
          timeout,
          packets: record.packets,
        }),
    );
  }

  for (const method of ['-m', '-g', '-i']) {
    test(`TCP, ${method}: established here, ended there`, async () => {
      await configure(`
        -A -t 192.0.2.10:80 -s rr
        ${SERVERS.map((server) => `-a -t 192.0.2.10:80 -r ${server} ${method}`).join('\n')}`);
      for (let nth = 0; nth < 6; nth++)
        for (const bits of ['S', 'A']) segment(master, `10.1.0.2:${7001 + nth} > 192.0.2.10:80`, bits);
      assert.deepEqual(pass(), Array<string>(6).fill('added'));
      for (const server of SERVERS) assert.equal(backup.live(server).active, 2, server);
      for (let nth = 0; nth < 6; nth++) {
        const client = `10.1.0.2:${7001 + nth}`;
        const { server, record } = backup.find(client) ?? assert.fail(client);
        assert.equal(server, master.find(client)?.server);
        assert.ok(record.word & CONNECTION_SYNCHRONISED);
        assert.equal(segment(backup, `${client} > 192.0.2.10:80`, 'PA').action, 'forward');
        if (method === '-m')
          assert.equal(segment(backup, `${server} > ${client}`, 'A', { on: 'servers' }).action, 'forward');
        segment(backup, `${client} > 192.0.2.10:80`, 'FA');
        assert.ok(backup.find(client)?.inactive, client);
      }
      for (const server of SERVERS) assert.equal(backup.live(server).inactive, 2, server);
    });
  }

  test('one that came from another director is told like any other by the next master', async () => {
    await configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11:80 -m`);
    for (const bits of ['S', 'A']) segment(master, '10.1.0.2:7001 > 192.0.2.10:80', bits);
    pass();
    lead(backup);
    assert.deepEqual(told(backup), [], 'not by being put');
    segment(backup, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
    const line = 'tcp 10.1.0.2:7001 192.0.2.10:80 10.2.0.11:80';
    assert.deepEqual(told(backup), [`${line} ESTABLISHED`]);
    segment(backup, '10.1.0.2:7001 > 192.0.2.10:80', 'FA');
    assert.deepEqual(told(backup), [`${line} CLOSE_WAIT`]);
  });

  test('a client comes to its server there, too', async () => {
    await configure(`
      -A -t 192.0.2.10:80 -s rr -p 300
      ${SERVERS.map((server) => `-a -t 192.0.2.10:80 -r ${server} -m`).join('\n')}`);
    for (let nth = 0; nth < 5; nth++) segment(master, `10.1.0.${2 + nth}:7001 > 192.0.2.10:80`, 'S');
    assert.deepEqual(pass(), Array<string>(5).fill('added'), 'the templates');
    for (const nth of [4, 3, 2, 1, 0]) {
      const { server } = segment(backup, `10.1.0.${2 + nth}:7002 > 192.0.2.10:80`, 'S');
      assert.equal(`${server}:80`, master.find(`10.1.0.${2 + nth}:7001`)?.server);
    }
  });

  test('UDP', async () => {
    await configure(`
      -A -u [2001:db8::10]:53 -s rr
      -a -u [2001:db8::10]:53 -r [fd02::11]:53 -m
      -a -u [2001:db8::10]:53 -r [fd02::12]:53 -m`);
    for (let nth = 0; nth < 3; nth++) datagram(master, '[fd01::2]:7001 > [2001:db8::10]:53');
    assert.deepEqual(pass(), ['added']);
    const { server } = datagram(backup, '[fd01::2]:7001 > [2001:db8::10]:53');
    assert.equal(`[${server}]:53`, master.find('[fd01::2]:7001')?.server);
  });
});
