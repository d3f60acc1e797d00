import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { SeededRandom } from '../../random/seeded-random.ts';
import { FINAL_LISTS, sortedServices, UNSORTED_LISTS } from '../differential/final-state.ts';
import { randomCommands } from '../differential/generator.ts';
import {
  type CommandOutcome,
  type CommandRunner,
  type GuestCommand,
  shellWords,
} from '../ipvsadm/guest-command.ts';
import { freshNamespace } from '../ipvsadm/namespace.ts';
import { originalIpvsadm } from '../ipvsadm/original.ts';
import { viprIpvsadm } from '../ipvsadm/vipr.ts';
import type { Lab } from '../lab/lab-tests.ts';
import { runSeed } from '../lab/run-seed.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';

const COMMANDS = { part: 2000, whole: 4000, none: 0 };
const LIMIT_MS = 1_200_000;
const NETWORK = {
  interfaces: ['eth0'],
  hosts: new Map([
    ['192.0.2.10', 'www.example.test'],
    ['10.0.0.1', 'rs1.example.test'],
  ]),
};
/** Differences that a failure shows; later ones follow from earlier ones. */
const SHOWN = 5;

/** The same commands to the original and to vipr's ipvsadm, each in a namespace of its own. */
export function differentialSuite(lab: Lab): void {
  lab.describe('differential runs', () => {
    lab.it('the original agrees with itself, so that what follows can be trusted', async (machine, t) => {
      await differ(machine, t, 100, originalIpvsadm);
    });

    lab.it(
      `${COMMANDS[lab.extent]} random commands do the same with the original and with vipr`,
      (machine, t) => differ(machine, t, COMMANDS[lab.extent], viprIpvsadm),
      LIMIT_MS,
    );
  });
}

async function differ(
  machine: VirtualMachine,
  t: TestContext,
  count: number,
  tested: (machine: VirtualMachine, namespace: string) => CommandRunner,
): Promise<void> {
  const seed = runSeed(process.env);
  const commands = [...randomCommands(new SeededRandom(seed)).take(count)];
  for (const namespace of ['one', 'other']) await freshNamespace(machine, namespace, NETWORK);
  const started = Date.now();
  const expected = await originalIpvsadm(machine, 'one')([...commands, ...FINAL_LISTS]);
  const between = Date.now();
  const actual = await tested(machine, 'other')([...commands, ...FINAL_LISTS, ...UNSORTED_LISTS]);
  t.diagnostic(`${(between - started) / 1000} s the original, ${(Date.now() - between) / 1000} s the other`);
  const refused = expected.slice(0, count).filter(({ exitCode }) => exitCode !== 0).length;
  t.diagnostic(`${count} commands, of which ${refused} were refused; VIPR_SEED=${seed}`);
  assert.ok(refused > count / 5 && refused < count * 0.7, `${refused} of ${count} commands were refused`);
  assertSame([...commands, ...FINAL_LISTS], expected, actual, seed);

  const lists = [...FINAL_LISTS, ...UNSORTED_LISTS];
  const judged = await originalIpvsadm(machine, 'other')(lists);
  assertSame(lists, judged, actual.slice(count), seed);
  const kernel = (namespace: string): Promise<string> =>
    machine.expect(`ip netns exec ${namespace} cat /proc/net/ip_vs`);
  assert.equal(sortedServices(await kernel('other')), sortedServices(await kernel('one')));
}

function assertSame(
  commands: readonly GuestCommand[],
  expected: readonly CommandOutcome[],
  actual: readonly CommandOutcome[],
  seed: number,
): void {
  const differences: string[] = [];
  for (const [index, command] of commands.entries()) {
    const difference = differenceOf(expected[index], actual[index]);
    if (difference === '') continue;
    const before = commands.slice(Math.max(0, index - 3), index).map((earlier) => shellWords(earlier));
    differences.push(`#${index} after ${before.join('; ')}\n$ ${shellWords(command)}\n${difference}`);
  }
  const shown = differences.slice(0, SHOWN).join('\n');
  assert.equal(differences.length, 0, `VIPR_SEED=${seed}: ${differences.length} differences\n${shown}`);
}

/** Lines that the original (-) and vipr (+) print otherwise; empty where there are none. */
function differenceOf(expected: CommandOutcome | undefined, actual: CommandOutcome | undefined): string {
  const [wanted, got] = [linesOf(expected), linesOf(actual)];
  if (wanted.join('\n') === got.join('\n')) return '';
  const missing = wanted.filter((line) => !got.includes(line)).map((line) => `- ${line}\n`);
  const extra = got.filter((line) => !wanted.includes(line)).map((line) => `+ ${line}\n`);
  if (missing.length + extra.length > 0) return [...missing, ...extra].join('');
  return `lines in another order:\n- ${wanted.join('\n- ')}\n+ ${got.join('\n+ ')}\n`;
}

function linesOf(outcome: CommandOutcome | undefined): string[] {
  if (outcome === undefined) return ['nothing'];
  const lines = (name: string, text: string): string[] => text.split('\n').map((line) => `${name}: ${line}`);
  return [...lines('stdout', outcome.stdout), ...lines('stderr', outcome.stderr), `exit ${outcome.exitCode}`];
}
