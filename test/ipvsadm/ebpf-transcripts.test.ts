import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { EbpfEngine } from '../../src/engines/ebpf/ebpf-engine.ts';
import type { OperationOutcome } from '../../src/engines/engine.ts';
import type { Operation } from '../../src/model/operation.ts';
import { openEbpfMaps, whyNoEbpfMaps } from '../engine/ebpf-maps.ts';
import { Replay, remark } from './replay.ts';
import { parseTranscript, type Step, type Transcript } from './transcript.ts';

const FOLDER = new URL('../transcripts/', import.meta.url);
/** At least so many steps are to replay, lest the test reads nothing and passes. */
const LEAST_STEPS = 230;
/** Services of the recordings that the engine refuses, as they have a persistence engine. */
const REFUSED_SERVICE = /-u 192\.0\.2\.10:5060\b/;
/** They at the head of their lines in lists and saved tables, by number or name. */
const REFUSED_LINE =
  /^(?:(?:TCP|UDP) {2}|-[aA] -[tu] )(?:192\.0\.2\.10|www\.example\.test):(?:5060|sip|83)\b/;

const reason = whyNoEbpfMaps();
const skip = reason === undefined ? {} : { skip: reason };
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
const transcripts = new Map(
  files.map((file) => [file, parseTranscript(readFileSync(new URL(file, FOLDER), 'utf8'))]),
);
const leftOut: string[] = [];
let replayed = 0;

for (const [file, transcript] of transcripts) {
  test(`ipvsadm on the eBPF engine answers as recorded in ${file}`, skip, async (t) => {
    await replayAll(t, file, transcript);
  });
}

test('most steps of the transcripts are replayed on the eBPF engine', skip, (t) => {
  t.diagnostic(`${replayed} steps replayed, ${leftOut.length} left out:`);
  for (const line of leftOut) t.diagnostic(line);
  assert.ok(replayed >= LEAST_STEPS, `only ${replayed} steps were replayed`);
});

async function replayAll(t: TestContext, file: string, transcript: Transcript): Promise<void> {
  const { replay, refused } = await start(transcript);
  t.after(() => replay.close());
  const before = transcripts.get(remark(transcript.remarks, 'after') ?? '');
  for (const step of before?.steps ?? []) {
    if (remark(step.remarks, 'left out') === undefined) await replay.run(step);
  }
  await replay.setUp(transcript.remarks);
  for (const step of transcript.steps) {
    if (remark(step.remarks, 'left out') !== undefined) continue;
    refused.length = 0;
    const outcome = await replay.run(step);
    if (refused.length > 0 || REFUSED_SERVICE.test(step.command)) {
      leftOut.push(`${file}:${step.line} ${step.command}: ${refused[0] ?? 'of a service that was refused'}`);
      continue;
    }
    await t.test(`line ${step.line}: ${step.command}`, () => assertSame(outcome, step));
    replayed += 1;
  }
}

async function start(transcript: Transcript): Promise<{ replay: Replay; refused: string[] }> {
  const { close, ...opened } = await openEbpfMaps();
  const refused: string[] = [];
  const dataPlane = {
    destinationAdded: () => undefined,
    destinationRemoved: () => undefined,
    close: async () => close(),
  };
  const replay = new Replay(transcript, (environment) => {
    const now = () => performance.now();
    return new RecordingEngine(
      { ...opened, environment, now, wallClock: Date.now, unprivilegedPortStart: 1024, dataPlane },
      refused,
    );
  });
  return { replay, refused };
}

/** Notes what the engine refuses by name. */
class RecordingEngine extends EbpfEngine {
  readonly #refused: string[];

  constructor(modules: ConstructorParameters<typeof EbpfEngine>[0], refused: string[]) {
    super(modules);
    this.#refused = refused;
  }

  override async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes = await super.execute(operations);
    for (const outcome of outcomes) {
      if (outcome?.code === 'NOT_SUPPORTED_BY_ENGINE') this.#refused.push(outcome.message);
    }
    return outcomes;
  }
}

function assertSame(outcome: Pick<Step, 'stdout' | 'stderr' | 'exitCode'>, step: Step): void {
  const anyOrder = remark(step.remarks, 'lines in any order') !== undefined;
  const shown = (text: string): string => (anyOrder ? text.split('\n').sort().join('\n') : text);
  assert.equal(shown(outcome.stdout), shown(withoutRefused(step.stdout)));
  assert.equal(outcome.stderr, step.stderr);
  assert.equal(outcome.exitCode, step.exitCode);
}

/** A list without the service that the engine refused, and its destinations. */
function withoutRefused(text: string): string {
  let within = false;
  return text
    .split('\n')
    .filter((line) => {
      within = REFUSED_LINE.test(line) || (within && line.startsWith('  ->'));
      return !within;
    })
    .join('\n');
}
