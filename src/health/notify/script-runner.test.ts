import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DestinationKey } from '../../model/destination.ts';
import type { HealthState } from '../../model/health.ts';
import type { ServiceKey } from '../../model/service.ts';
import { ScriptedRuns } from '../testing/scripted-runs.ts';
import type { NotifyProblem } from './notify-problem.ts';
import { type ScriptEvent, ScriptRunner } from './script-runner.ts';

const service = 'tcp 192.0.2.10:80' as ServiceKey;

function event(number: number, script: string, state: HealthState = 'down'): ScriptEvent {
  const destination = `10.0.0.${number}:80` as DestinationKey;
  return {
    kind: 'destination',
    service,
    destination,
    state,
    text: `${destination} is ${state}`,
    script: { argv: [script] },
  };
}

function bench(): { runs: ScriptedRuns; problems: NotifyProblem[]; runner: ScriptRunner } {
  const runs = new ScriptedRuns();
  const problems: NotifyProblem[] = [];
  const modules = {
    runScript: runs.runScript,
    onProblem: (problem: NotifyProblem) => problems.push(problem),
    now: () => 0,
  };
  return { runs, problems, runner: new ScriptRunner(modules) };
}

describe('scripts of events', () => {
  it('run one after the other for one destination, and beside each other for several', async () => {
    const { runs, runner } = bench();
    runner.run(event(1, 'one-down'));
    runner.run(event(1, 'one-up', 'up'));
    runner.run(event(2, 'two-down'));
    assert.deepEqual(runs.started, ['one-down', 'two-down']);
    await runs.end();
    assert.deepEqual(runs.started, ['one-down', 'two-down', 'one-up']);
    await runs.end();
    await runner.idle();
  });

  it('get the event as their environment', () => {
    const { runs, runner } = bench();
    runner.run(event(1, 'down'));
    const [run] = runs.running;
    assert.deepEqual(run?.options.env, {
      VIPR_EVENT: 'destination',
      VIPR_SERVICE: service,
      VIPR_DESTINATION: '10.0.0.1:80',
      VIPR_STATE: 'down',
      VIPR_TEXT: '10.0.0.1:80 is down',
    });
  });

  it('of a service have no destination', () => {
    const { runs, runner } = bench();
    runner.run({ kind: 'quorum', service, state: 'up', text: 'has its quorum', script: { argv: ['up'] } });
    const [run] = runs.running;
    assert.equal(run?.options.env?.VIPR_EVENT, 'quorum');
    assert.equal(run?.options.env?.VIPR_DESTINATION, undefined);
  });

  it('are told when they fail, and only then', async () => {
    const { runs, problems, runner } = bench();
    runner.run(event(1, '/bin/notify'));
    runner.run(event(1, '/bin/notify', 'up'));
    await runs.end();
    assert.deepEqual(problems, []);
    await runs.end({ kind: 'exited', code: 3, lastLine: 'no mail server' });
    assert.deepEqual(problems, [
      {
        kind: 'script',
        service,
        destination: '10.0.0.1:80',
        text: 'script /bin/notify for tcp 192.0.2.10:80 -> 10.0.0.1:80 up: exited with 3: no mail server',
      },
    ]);
  });

  it('wait in a bounded number behind one that hangs; the oldest are given up, and the last one runs', async () => {
    const { runs, problems, runner } = bench();
    runner.run(event(1, 'hangs'));
    for (let number = 1; number <= 20; number++) runner.run(event(1, `script-${number}`));
    assert.equal(problems.length, 4);
    assert.match(problems[0]?.text ?? '', /^script script-1 .*: not run: too many wait/);
    while (runs.running.size > 0) await runs.end();
    assert.equal(runs.started.length, 17);
    assert.equal(runs.started.at(1), 'script-5');
    assert.equal(runs.started.at(-1), 'script-20');
  });

  it('run at most 64 at once', async () => {
    const { runs, runner } = bench();
    for (let number = 1; number <= 100; number++) runner.run(event(number, `script-${number}`));
    assert.equal(runs.running.size, 64);
    await runs.end();
    assert.equal(runs.running.size, 36);
    await runs.end();
    await runner.idle();
    assert.equal(runs.started.length, 100);
  });

  it('are ended when they are called off, and those that wait are told', async () => {
    const { runs, problems, runner } = bench();
    runner.run(event(1, 'hangs'));
    runner.run(event(1, 'waits', 'up'));
    for (let number = 2; number <= 70; number++) runner.run(event(number, 'hangs'));
    runner.callOff();
    await runner.idle();
    assert.equal(runs.running.size, 0);
    assert.equal(runs.started.length, 64);
    assert.equal(problems.filter(({ text }) => text.endsWith('not run: the director ends')).length, 7);
    assert.equal(problems.filter(({ text }) => text.endsWith('ended by SIGTERM')).length, 64);
  });
});
