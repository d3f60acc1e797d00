import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { VrrpStatus } from '../../../src/model/vrrp-status.ts';
import { CHECKOUT } from '../../project/source-file.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { ViprPair } from './fixture/vipr-pair.ts';

const VIPS = ['198.51.100.81', '2001:db8:1::82'] as const;
const SEED = Number(process.env.VIPR_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SECONDS = 5;
/** Kilobytes that a director may have grown by. */
const MOST_GROWTH = 100_000;
const MOST_LINES = 1000;

const skip = labUnavailable('curl') ?? false;

describe(`a flood of hostile packets on the wire (VIPR_SEED=${SEED})`, { skip, timeout: 120_000 }, () => {
  let pair: ViprPair;

  before(async () => {
    pair = await ViprPair.open();
    await pair.start('rs1', yaml(150));
    await pair.start('rs2', yaml(100));
    for (const vip of VIPS) await pair.holders(vip, 'rs1');
  });

  after(() => pair.close());

  it('is counted by its reasons, and when it is over there is one master, which it was before', async () => {
    const memory = residentKilobytes();
    const attacker = join(CHECKOUT, 'test/netns/vrrp/fixture/hostile-process.ts');
    const { client } = pair.lab;
    const index = (await client.output(['cat', '/sys/class/net/eth1/ifindex'])).trim();
    const attack = client.output([process.execPath, attacker, index, `${SECONDS}`, `${SEED}`], {
      limitMs: 60_000,
    });
    // It answers while that goes on.
    await status();
    const sent = Number(await attack);
    // Of version 2, whose interval is its own: in version 3 one packet can have backups wait for two minutes.
    await pair.holders(VIPS[0], 'rs1');
    const { instances, packets } = await status();
    const counted =
      sum(packets.malformed) +
      packets.unknownRouter +
      instances.reduce((all, { counts }) => all + counts.received, 0);
    // Those to other addresses are not for it, and the kernel drops what comes faster than it is read.
    assert.ok(counted > 1000 && counted <= sent + 10_000, `${counted} of ${sent} were counted`);
    assert.deepEqual(
      ['checksum', 'hop-limit', 'length', 'too-short', 'type', 'version'].filter(
        (reason) => !packets.malformed[reason],
      ),
      [],
      'each is there',
    );
    const dismissed = instances.flatMap(({ counts }) => Object.keys(counts.dismissed));
    for (const reason of ['addresses', 'authentication', 'interval', 'version'])
      assert.ok(dismissed.includes(reason), `no ${reason} among ${dismissed}`);
    const lines = pair.log('rs1').split('\n').length;
    assert.ok(lines < MOST_LINES, `${lines} lines of log`);
    const growth = residentKilobytes() - memory;
    assert.ok(growth < MOST_GROWTH, `it grew by ${growth} kB`);
  });

  async function status(): Promise<VrrpStatus> {
    const socket = join(pair.lab.directory, 'rs1', 'sock');
    const words = [
      'curl',
      '-s',
      '--fail',
      '--max-time',
      '10',
      '--unix-socket',
      socket,
      'http://vipr/v1/vrrp',
    ];
    return JSON.parse(await pair.host('rs1').output(words, { limitMs: 15_000 })) as VrrpStatus;
  }

  function residentKilobytes(): number {
    return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pair.pid('rs1')}/status`, 'latin1'))?.[1]);
  }
});

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

function yaml(priority: number): string {
  const common = `interface: eth0, priority: ${priority}`;
  return `vrrp:
  instances:
    - { name: four, id: 81, ${common}, version: 2, addresses: ["${VIPS[0]}/32"] }
    - { name: six, id: 82, ${common}, addresses: ["${VIPS[1]}/128"] }
`;
}
