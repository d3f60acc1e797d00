/**
 * In the guest: sends frames to the kernel's IPVS and to vipr's engine and configures both in between, as the steps say; answers
 * with both connection tables, as `ipvsadm -Lcn` shows them: the kernel's {@link READS} times.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { GuestStep } from '../scheduling/guest-step.ts';
import { READS } from './reads.ts';
import { TwinTables } from './twin/twin-tables.ts';
import { Wire } from './twin/wire.ts';

const [input = '', output = ''] = process.argv.slice(2);
const { socket, steps } = JSON.parse(readFileSync(input, 'utf8')) as {
  socket: string;
  steps: readonly GuestStep[];
};
const tables = new TwinTables(socket);
const wire = new Wire();
for (const step of steps) {
  if ('frames' in step) {
    for (const frame of step.frames) wire.send('clients', Buffer.from(frame, 'base64'));
    await wire.settled();
  } else if ('lines' in step) await tables.configure(step.lines);
  else await delay(step.pause);
}
wire.close();
const { kernel, vipr } = await tables.lists(Array(READS).fill('-Lcn'));
// A list of vipr's that leaves something out is to show.
writeFileSync(output, JSON.stringify({ kernel, vipr: vipr.slice(0, 1) }));
process.exit(0);
