import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { FINAL_LISTS, UNSORTED_LISTS } from '../differential/final-state.ts';
import { type CommandOutcome, type GuestCommand, shellWords } from '../ipvsadm/guest-command.ts';
import { originalIpvsadm } from '../ipvsadm/original.ts';
import { viprIpvsadm } from '../ipvsadm/vipr.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';

const RATES: GuestCommand = { args: ['-L', '-n', '--rate'] };
const LISTS: readonly GuestCommand[] = [
  ...FINAL_LISTS.filter(({ args }) => !args.includes('--rate')),
  ...UNSORTED_LISTS,
  { args: ['-L', '-c'] },
  { args: ['-L', '-nc', '--persistent-conn'] },
];
const TRIES = 10;
const PAUSE_MS = 1000;

/**
 * Has every list of the director's table, which traffic filled, alike from vipr and from the original. Time passes between the
 * two: what they print of it is left out, and the rest is compared once it stands still.
 */
export async function assertSameLists(machine: VirtualMachine, namespace: string): Promise<void> {
  const original = originalIpvsadm(machine, namespace);
  for (let tries = 1; ; tries++) {
    const before = await original([...LISTS, RATES]);
    const vipr = await viprIpvsadm(machine, namespace)([...LISTS, RATES]);
    const after = await original([...LISTS, RATES]);
    if (tries < TRIES && !LISTS.every((_, index) => timeless(before[index]) === timeless(after[index]))) {
      await delay(PAUSE_MS);
      continue;
    }
    for (const [index, list] of LISTS.entries()) {
      const what = `vipr's ${shellWords(list)}, then the original's`;
      assert.equal(timeless(vipr[index]), timeless(after[index]), what);
    }
    assertBetween(vipr.at(-1)?.stdout ?? '', before.at(-1)?.stdout ?? '', after.at(-1)?.stdout ?? '');
    return;
  }
}

/** Rates fall all the time: each lies between what the original showed before and after. */
function assertBetween(vipr: string, before: string, after: string): void {
  const numbers = (list: string): number[] => (list.match(/(?<= )\d+(?= |$)/gm) ?? []).map(Number);
  const shape = (list: string): string => list.replaceAll(/ +\d+(?= |$)/gm, ' N');
  assert.equal(shape(vipr), shape(after), "the shape of vipr's list of rates, then of the original's");
  for (const [index, number] of numbers(vipr).entries()) {
    const [earlier = 0, later = 0] = [numbers(before)[index], numbers(after)[index]];
    const within = number <= Math.max(earlier, later) && number >= Math.min(earlier, later);
    assert.ok(within, `${number} is not between ${earlier} and ${later}:\n${before}${vipr}${after}`);
  }
}

/** An outcome without the seconds until connections expire. */
function timeless(outcome: CommandOutcome | undefined): string {
  const { exitCode, stdout, stderr } = outcome ?? { exitCode: -1, stdout: '', stderr: '' };
  return `${stdout.replaceAll(/^(TCP|UDP|IP ) +\d\d:\d\d /gm, '$1 --:-- ')}${stderr}${exitCode}`;
}
