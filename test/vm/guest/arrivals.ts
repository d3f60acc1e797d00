/**
 * In the guest: sends frames into a device and configures IPVS with `ipvsadm -R` in between, as the steps say; answers with
 * the connection table that results.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuestStep } from '../scheduling/guest-step.ts';
import { PacketSocket } from './packet-socket.ts';

const [input = '', output = ''] = process.argv.slice(2);
const { device, steps } = JSON.parse(readFileSync(input, 'utf8')) as {
  device: string;
  steps: readonly GuestStep[];
};
const packets = new PacketSocket(Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8')));
for (const step of steps) {
  if ('frames' in step) for (const frame of step.frames) packets.send(Buffer.from(frame, 'base64'));
  else if ('lines' in step) configure(step.lines);
  else await delay(step.pause);
}
packets.close();
writeFileSync(output, JSON.stringify(readFileSync('/proc/net/ip_vs_conn', 'utf8')));

function configure(lines: readonly string[]): void {
  const { status, stderr } = spawnSync('ipvsadm', ['-R'], {
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
  });
  if (status !== 0 || stderr !== '') throw new Error(`ipvsadm -R: ${stderr}of ${lines.join('; ')}`);
}
