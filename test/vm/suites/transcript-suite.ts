import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { remark } from '../../ipvsadm/replay.ts';
import { parseTranscript, type Step, type Transcript } from '../../ipvsadm/transcript.ts';
import type { CommandOutcome } from '../ipvsadm/guest-command.ts';
import { freshNamespace } from '../ipvsadm/namespace.ts';
import { runGuestProgram } from '../lab/guest-program.ts';
import type { Lab } from '../lab/lab-tests.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';

const FOLDER = new URL('../../transcripts/', import.meta.url);
const NAMESPACE = 'transcript';
/** What cannot be replayed on a kernel, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  '20-largenum.txt': 'its numbers were forced by a preloaded library',
};

/** vipr's ipvsadm on the guest's IPVS prints what the original printed on the recording's, byte for byte. */
export function transcriptSuite(lab: Lab): void {
  lab.describe('transcripts', () => {
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.txt'))) {
      lab.it(`vipr's ipvsadm on the kernel answers as recorded in ${file}`, async (machine, t) => {
        const transcript = read(file);
        const kept: Step[] = [];
        let given = false;
        for (const step of transcript.steps) {
          given = showsTraffic(step, given);
          const reason =
            LEFT_OUT[file] ?? (given ? 'it shows what traffic left' : reasonToLeaveOut(step, lab));
          if (reason === undefined) kept.push(step);
          else t.diagnostic(`left out: ${file}:${step.line}: ${reason}`);
        }
        if (kept.length === 0) {
          t.skip('no step is left');
          return;
        }
        const outcomes = await replay(machine, transcript, kept);
        const absent = absentServices(transcript, lab);
        for (const [index, step] of kept.entries()) {
          await t.test(`line ${step.line}: ${step.command}`, () =>
            assertSame(outcomes[index], { ...step, stdout: withoutLines(step.stdout, absent) }),
          );
        }
      });
    }
  });
}

function read(file: string): Transcript {
  return parseTranscript(readFileSync(new URL(file, FOLDER), 'utf8'));
}

/** What traffic left stays for later steps, until one says that nothing is given. */
function showsTraffic({ remarks }: Step, before: boolean): boolean {
  const given = remarks.filter((line) => line.startsWith('given: '));
  return given.length === 0 ? before : given.some((line) => line !== 'given: nothing');
}

function reasonToLeaveOut({ remarks, command }: Step, lab: Lab): string | undefined {
  if (isUnknown(command, lab)) return "Debian's kernel 6.1 has no twos";
  return remark(remarks, 'left out');
}

function isUnknown(command: string, { line }: Lab): boolean {
  return line === '6.1' && command.includes('-s twos');
}

/** What the recording's kernel listed and this one cannot: the addresses of services that it does not know, which have no others. */
function absentServices({ remarks, steps }: Transcript, lab: Lab): readonly string[] {
  const earlier = remark(remarks, 'after');
  return [...(earlier === undefined ? [] : read(earlier).steps), ...steps]
    .filter(({ command }) => isUnknown(command, lab))
    .flatMap(({ command }) => / -t ([\d.]+):/.exec(command)?.[1] ?? []);
}

function withoutLines(text: string, names: readonly string[]): string {
  return text
    .split('\n')
    .filter((line) => !names.some((name) => line.includes(` ${name}:`)))
    .join('\n');
}

/** Runs what comes before the steps in silence, then the steps. */
async function replay(
  machine: VirtualMachine,
  { remarks }: Transcript,
  steps: readonly Step[],
): Promise<CommandOutcome[]> {
  const hosts = (remark(remarks, 'hosts') ?? '').matchAll(/([^\s,]+) ([^\s,]+)/g);
  const environment = remark(remarks, 'environment') ?? '';
  const interfaces = /interfaces (.*)$/.exec(environment)?.[1]?.split(', ') ?? [];
  await freshNamespace(machine, NAMESPACE, {
    interfaces: interfaces.filter((name) => name !== 'lo'),
    inet6Loopback: environment.includes('IPv6 is routed to loopback only'),
    hosts: new Map(Array.from(hosts, ([, address = '', name = '']) => [address, name])),
  });
  const earlier = remark(remarks, 'after');
  const before = [
    ...(earlier === undefined ? [] : read(earlier).steps.map(({ command }) => command)),
    ...setUp(remarks),
  ];
  const lines: string[] = [...before];
  const places: number[] = [];
  for (const step of steps) {
    lines.push(...setUp(step.remarks));
    places.push(lines.length);
    lines.push(step.command);
  }
  const options = { namespace: NAMESPACE, input: lines };
  const outcomes = (await runGuestProgram(machine, 'vipr-shell', options)) as CommandOutcome[];
  return places.map((place) => outcomes[place] as CommandOutcome);
}

function setUp(remarks: readonly string[]): string[] {
  const command = remark(remarks, 'setup');
  return command === undefined ? [] : [command];
}

function assertSame(outcome: CommandOutcome | undefined, { remarks, stdout, stderr, exitCode }: Step): void {
  const anyOrder = remark(remarks, 'lines in any order') !== undefined;
  const shown = (text: string): string => (anyOrder ? text.split('\n').sort().join('\n') : text);
  assert.equal(shown(outcome?.stdout ?? ''), shown(stdout));
  assert.equal(outcome?.stderr, stderr);
  assert.equal(outcome?.exitCode, exitCode);
}
