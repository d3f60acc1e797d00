import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedRuns } from '../testing/scripted-runs.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { FifoReader } from './fifo-reader.ts';

function bench(): { clock: VirtualClock; runs: ScriptedRuns; problems: string[]; reader: FifoReader } {
  const clock = new VirtualClock();
  const runs = new ScriptedRuns();
  const problems: string[] = [];
  const modules = {
    runScript: runs.runScript,
    onProblem: ({ text }: { text: string }) => problems.push(text),
    now: clock.now,
    timers: clock,
  };
  return { clock, runs, problems, reader: new FifoReader({ argv: ['read'] }, '/run/fifo', modules) };
}

describe('the reader of a named pipe', () => {
  it('gets the path as its last argument', () => {
    const { runs } = bench();
    const [run] = runs.running;
    assert.deepEqual(run?.options.args, ['/run/fifo']);
  });

  it('is started again, later each time, and in the end no more', async () => {
    const { clock, runs, problems, reader } = bench();
    for (const pause of [1000, 2000, 4000, 8000, 16_000]) {
      const { length } = runs.started;
      await runs.end({ kind: 'exited', code: 1 });
      await clock.advance(pause - 1);
      assert.equal(runs.started.length, length);
      await clock.advance(1);
      assert.equal(runs.started.length, length + 1);
    }
    assert.equal(problems.at(-1), '/run/fifo: its reader read is started again: exited with 1');
    await runs.end({ kind: 'exited', code: 1 });
    await reader.ended;
    assert.ok(reader.isGivenUp);
    assert.match(problems.at(-1) ?? '', /is not started again before the configuration is reloaded/);
    assert.equal(problems.length, 6);
    assert.equal(clock.waiting, 0);
  });

  it('may end as often as it likes when it ran for a minute', async () => {
    const { clock, runs, reader } = bench();
    for (let end = 0; end < 20; end++) {
      await clock.advance(60_000);
      await runs.end();
      await clock.advance(1000);
    }
    assert.equal(runs.started.length, 21);
    reader.stop();
    await reader.ended;
  });

  it('is ended when it is stopped, also while it waits', async () => {
    const { clock, runs, problems, reader } = bench();
    reader.stop();
    await reader.ended;
    assert.deepEqual([runs.running.size, problems], [0, []]);
    const another = bench();
    await another.runs.end();
    await another.clock.advance(10);
    another.reader.stop();
    await another.reader.ended;
    assert.equal(another.runs.started.length, 1);
    assert.deepEqual([clock.waiting, another.clock.waiting], [0, 0]);
  });
});
