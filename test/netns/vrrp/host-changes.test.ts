import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { Capture } from '../peer/capture.ts';
import { until } from './fixture/until.ts';
import { type Member, ViprPair } from './fixture/vipr-pair.ts';

const VIP = '198.51.100.71';
const SIX = '2001:db8:1::71';
const OTHER = '198.51.100.72';
const ROUTE = '203.0.113.0/24';
const RULE = `from ${VIP} lookup 171`;

const skip = labUnavailable('tcpdump') ?? false;

describe('what others change of a VRRP host by hand', { skip, timeout: 180_000 }, () => {
  let pair: ViprPair;

  before(async () => {
    pair = await ViprPair.open();
    await plug();
    await pair.start('rs1', yaml(150));
    await pair.start('rs2', yaml(100));
    for (const vip of [VIP, SIX, OTHER]) await pair.holders(vip, 'rs1');
  });

  after(() => pair.close());

  it('addresses of a master are set again, and announced again', async () => {
    for (const [vip, filter] of [
      [`${VIP}/32`, `arp and dst host ${VIP}`],
      [`${SIX}/128`, `icmp6 and src host ${SIX}`],
    ] as const) {
      const capture = await Capture.start(pair.lab.client, 'eth1', filter);
      await ip('rs1', 'addr', 'del', vip, 'dev', 'eth0');
      await until(async () => (await ip('rs1', '-o', 'addr')).includes(vip));
      await capture.atLeast(1);
      await capture.stop();
    }
    assert.match(pair.log('rs1'), new RegExp(`VRRP four: gone, and set again: ${VIP}/32 on eth0`));
  });

  it('routes and rules of a master are set again', async () => {
    await ip('rs1', 'route', 'del', ROUTE);
    await until(async () => (await ip('rs1', 'route', 'show', ROUTE)).includes('dev eth0'));
    await ip('rs1', 'rule', 'del', ...RULE.split(' '));
    await until(async () => (await ip('rs1', 'rule')).includes(RULE));
    await until(async () => (await ip('rs1', 'rule')).split(RULE).length === 2);
    assert.match(pair.log('rs1'), /VRRP ways: gone, and set again: the route to 203\.0\.113\.0\/24/);
  });

  it('who deletes them in a loop is not fought with at full speed', async () => {
    const deleted = await pair.host('rs1').shell(
      `end=$(($(date +%s) + 6)); deleted=0
      while [ $(date +%s) -lt $end ]; do
        if ip addr del ${VIP}/32 dev eth0 2>/dev/null; then deleted=$((deleted + 1)); fi
      done
      echo $deleted`,
      { limitMs: 30_000 },
    );
    assert.ok(Number(deleted) >= 3 && Number(deleted) <= 8, deleted);
    await pair.holders(VIP, 'rs1');
    const told = pair.log('rs1').match(/gone, and set again: 198\.51\.100\.71/g)?.length ?? 0;
    assert.ok(told <= 2, `told ${told} times, and not once a minute`);
  });

  it('virtual addresses that a backup has go, and no others', async () => {
    await ip('rs2', 'addr', 'add', '198.51.100.99/32', 'dev', 'eth0');
    await ip('rs2', 'addr', 'add', `${VIP}/32`, 'dev', 'eth0');
    await ip('rs2', 'addr', 'add', `${SIX}/128`, 'dev', 'eth0', 'nodad');
    for (const vip of [VIP, SIX]) await pair.holders(vip, 'rs1');
    assert.match(await ip('rs2', '-o', 'addr'), / 198\.51\.100\.99\//);
    assert.match(
      pair.log('rs2'),
      new RegExp(`VRRP four: there although it is not master, and removed: ${VIP}/32`),
    );
  });

  it('an interface that is gone and comes back with another index goes on', async () => {
    const before = await indexOf('rs1');
    await pair.holders(OTHER, 'rs1');
    // The other end goes with it.
    await ip('rs1', 'link', 'del', 'vrrp0');
    await pair.holders(OTHER);
    await plug();
    assert.notEqual(await indexOf('rs1'), before);
    await pair.holders(OTHER, 'rs1');
    await ip('rs1', 'link', 'set', 'vrrp0', 'down');
    await pair.holders(OTHER);
    await ip('rs1', 'link', 'set', 'vrrp0', 'up');
    await pair.holders(OTHER, 'rs1');
    // It is heard, too: an equal or higher priority would be master otherwise.
    await pair.stop('rs1', 'SIGKILL');
    await until(async () => (await ip('rs2', '-o', 'addr')).includes(` ${OTHER}/`));
    await pair.start('rs1', yaml(150));
    await pair.holders(OTHER, 'rs1');
  });

  /** A cable between the two. */
  async function plug(): Promise<void> {
    await ip(
      'rs1',
      'link',
      'add',
      'vrrp0',
      'type',
      'veth',
      'peer',
      'name',
      'vrrp0',
      'netns',
      pair.host('rs2').namespace,
    );
    for (const [member, last] of [
      ['rs1', 1],
      ['rs2', 2],
    ] as const) {
      await ip(member, 'addr', 'add', `10.9.0.${last}/24`, 'dev', 'vrrp0');
      await ip(member, 'link', 'set', 'vrrp0', 'up');
    }
  }

  async function indexOf(member: Member): Promise<string> {
    return pair.host(member).output(['cat', '/sys/class/net/vrrp0/ifindex']);
  }

  function ip(member: Member, ...words: readonly string[]): Promise<string> {
    return pair.host(member).output(['ip', ...words]);
  }
});

function yaml(priority: number): string {
  const common = `priority: ${priority}, interval: 100ms, announcements: { delay: 0s }`;
  return `vrrp:
  instances:
    - { name: four, interface: eth0, id: 71, ${common}, addresses: [${VIP}/32] }
    - { name: six, interface: eth0, id: 72, ${common}, addresses: ["${SIX}/128"] }
    - name: cabled
      interface: vrrp0
      id: 73
      priority: ${priority}
      interval: 100ms
      addresses: [${OTHER}/32]
    - name: ways
      interface: eth0
      id: 74
      priority: ${priority}
      interval: 100ms
      addresses: [198.51.100.73/32]
      routes: [{ to: ${ROUTE}, interface: eth0 }]
      rules: [{ from: ${VIP}, table: 171 }]
`;
}
