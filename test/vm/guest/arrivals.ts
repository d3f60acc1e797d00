/**
 * In the guest: sends frames into a device and configures IPVS with `ipvsadm -R` in between, as the steps say; answers with
 * the connection table that results, read {@link READS} times.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { VIRTUAL } from '../../scheduling/scenario-address.ts';
import { SENDER, SERVERS } from '../scheduling/arrival-network.ts';
import { RECEIVER_MAC, SENDER_MAC } from '../scheduling/frame.ts';
import type { GuestStep } from '../scheduling/guest-step.ts';
import { echo } from './echo.ts';
import { PacketSocket } from './packet-socket.ts';
import { READS } from './reads.ts';

const [input = '', output = ''] = process.argv.slice(2);
const steps = JSON.parse(readFileSync(input, 'utf8')) as readonly GuestStep[];
const packets = new PacketSocket(indexOf(SENDER));
const departures = new PacketSocket(indexOf(SERVERS), { receives: true });
const ends = {
  sourceMac: SENDER_MAC,
  destinationMac: RECEIVER_MAC,
  client: '10.1.0.2',
  address: VIRTUAL.inet,
};
for (const step of steps) {
  if ('frames' in step) {
    for (const frame of step.frames) packets.send(Buffer.from(frame, 'base64'));
    await echo(
      ends,
      (frame) => packets.send(frame),
      () => departures.receive(),
    );
  } else if ('lines' in step) configure(step.lines);
  else await delay(step.pause);
}
packets.close();
departures.close();
const lists = Array.from({ length: READS }, () => readFileSync('/proc/net/ip_vs_conn', 'utf8'));
writeFileSync(output, JSON.stringify(lists));

function indexOf(device: string): number {
  return Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8'));
}

function configure(lines: readonly string[]): void {
  const { status, stderr } = spawnSync('ipvsadm', ['-R'], {
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
  });
  if (status !== 0 || stderr !== '') throw new Error(`ipvsadm -R: ${stderr}of ${lines.join('; ')}`);
}
