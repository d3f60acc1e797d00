import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { Capture } from '../peer/capture.ts';
import { until } from './fixture/until.ts';
import { ViprPair } from './fixture/vipr-pair.ts';

const VIPS = { inet: '198.51.100.67', inet6: '2001:db8:1::67' } as const;
const ROUNDS = 3;

const skip = labUnavailable('tcpdump') ?? false;

describe('two masters that a cut makes', { skip, timeout: 180_000 }, () => {
  let pair: ViprPair;

  before(async () => {
    pair = await ViprPair.open();
    await pair.start('rs1', yaml(150));
    await pair.start('rs2', yaml(100));
    for (const vip of Object.values(VIPS)) await pair.holders(vip, 'rs1');
  });

  after(() => pair.close());

  for (let round = 1; round <= ROUNDS; round++) {
    it(`are one when it heals, and neighbours learn where the addresses are: round ${round}`, async () => {
      // Both keep their carrier: as when two switches lose the cable between them.
      await pair.lab.host('switch').shell('ip link set lan-rs1 nomaster');
      for (const vip of Object.values(VIPS)) await pair.holders(vip, 'rs1', 'rs2');
      const winner = await hardwareAddress('rs1');
      const capture = await Capture.start(
        pair.lab.client,
        'eth1',
        `ether src ${winner} and ((arp and dst host ${VIPS.inet}) or (icmp6 and src host ${VIPS.inet6}))`,
      );
      await pair.lab.host('switch').shell('ip link set lan-rs1 master lan');
      for (const vip of Object.values(VIPS)) await pair.holders(vip, 'rs1');
      for (const etherType of [0x0806, 0x86dd]) {
        await until(
          () => capture.frames.some((frame) => frame.readUInt16BE(12) === etherType),
          () => `none of type ${etherType.toString(16)}: ${pair.log('rs1')}`,
        );
      }
      await capture.stop();
      // Longer than any of them waits.
      await sleep(1500);
      for (const vip of Object.values(VIPS)) await pair.holders(vip, 'rs1');
    });
  }

  it('are told by both, with who the other one is', () => {
    assert.match(pair.log('rs1'), /VRRP four: there is a second master, 10\.2\.0\.12, of priority 100/);
    assert.match(pair.log('rs2'), /VRRP four: there is a second master, 10\.2\.0\.11, of priority 150/);
    assert.match(pair.log('rs1'), /VRRP six: there is a second master, fe80::[0-9a-f:]+, of priority 100/);
  });

  it('are one again in version 2, too', { skip: onlyInWhole() }, async () => {
    await pair.stop('rs1');
    await pair.stop('rs2');
    const old = (priority: number) => `vrrp:
  instances:
    - { name: old, interface: eth0, id: 69, version: 2, priority: ${priority}, addresses: [${VIPS.inet}/32] }
`;
    await pair.start('rs1', old(150));
    await pair.start('rs2', old(100));
    await pair.holders(VIPS.inet, 'rs1');
    await pair.lab.host('switch').shell('ip link set lan-rs1 nomaster');
    await pair.holders(VIPS.inet, 'rs1', 'rs2');
    await pair.lab.host('switch').shell('ip link set lan-rs1 master lan');
    await pair.holders(VIPS.inet, 'rs1');
  });

  async function hardwareAddress(member: 'rs1' | 'rs2'): Promise<string> {
    return (await pair.host(member).output(['cat', '/sys/class/net/eth0/address'])).trim();
  }
});

function yaml(priority: number): string {
  return `vrrp:
  instances:
    - { name: four, interface: eth0, id: 67, priority: ${priority}, interval: 100ms, addresses: [${VIPS.inet}/32], announcements: { delay: 0s } }
    - { name: six, interface: eth0, id: 68, priority: ${priority}, interval: 100ms, addresses: ["${VIPS.inet6}/128"], announcements: { delay: 0s } }
`;
}
