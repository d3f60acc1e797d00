import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Outcome, Replay, remark } from './replay.ts';
import { formatTranscript, parseTranscript, type Step, type Transcript } from './transcript.ts';

const FOLDER = new URL('../transcripts/', import.meta.url);
/** First remark of files that record vipr itself; UPDATE_TRANSCRIPTS=1 rewrites what those expect. */
const OWN = "vipr's own";
/** At least so many steps are to replay, lest the test reads nothing and passes. */
const LEAST_STEPS = 250;

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
const transcripts = new Map(
  files.map((file) => [file, parseTranscript(readFileSync(new URL(file, FOLDER), 'utf8'))]),
);
const leftOut: string[] = [];
let replayed = 0;

for (const [file, transcript] of transcripts) {
  test(`ipvsadm answers as recorded in ${file}`, async (t) => {
    const replay = new Replay(transcript);
    await setTheStage(replay, transcript);
    const updated: Step[] = [];
    for (const step of transcript.steps) {
      const reason = remark(step.remarks, 'left out');
      if (reason !== undefined) {
        leftOut.push(`${file}:${step.line} ${step.command}: ${reason}`);
        updated.push(step);
        continue;
      }
      const outcome = await replay.run(step);
      updated.push({ ...step, ...outcome });
      if (isUpdated(transcript)) continue;
      await t.test(`line ${step.line}: ${step.command}`, () => assertSame(outcome, step));
      replayed += 1;
    }
    if (isUpdated(transcript)) {
      writeFileSync(new URL(file, FOLDER), formatTranscript({ ...transcript, steps: updated }));
    }
  });
}

test('most steps of the transcripts are replayed', (t) => {
  t.diagnostic(`${replayed} steps of ${files.length} transcripts replayed, ${leftOut.length} left out:`);
  for (const line of leftOut) t.diagnostic(line);
  assert.ok(
    replayed >= LEAST_STEPS || process.env.UPDATE_TRANSCRIPTS === '1',
    `only ${replayed} steps were replayed`,
  );
});

/** Some transcripts go on where another ended. */
async function setTheStage(replay: Replay, { remarks }: Transcript): Promise<void> {
  const before = transcripts.get(remark(remarks, 'after') ?? '');
  for (const step of before?.steps ?? []) {
    if (remark(step.remarks, 'left out') === undefined) await replay.run(step);
  }
  await replay.setUp(remarks);
}

function assertSame(outcome: Outcome, step: Step): void {
  const { stdout, stderr, exitCode } = step;
  const anyOrder = remark(step.remarks, 'lines in any order') !== undefined;
  const shown = (text: string): string => (anyOrder ? text.split('\n').sort().join('\n') : text);
  assert.equal(shown(outcome.stdout), shown(stdout));
  assert.equal(outcome.stderr, stderr);
  assert.equal(outcome.exitCode, exitCode);
}

function isUpdated({ remarks }: Transcript): boolean {
  return process.env.UPDATE_TRANSCRIPTS === '1' && (remarks[0]?.startsWith(OWN) ?? false);
}
