import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { ended } from './fixture/process-end.ts';
import { demolishLeftovers, mountsOf, namespacesOf } from './lab/demolish.ts';
import { labUnavailable } from './lab/lab-unavailable.ts';
import { directoryOf } from './lab/site.ts';

interface Held {
  readonly holder: ChildProcess;
  readonly site: string;
  readonly pid: number;
}

/** A process that has opened a lab. */
async function hold(t: TestContext): Promise<Held> {
  const script = new URL('./fixture/lab-holder.ts', import.meta.url).pathname;
  const holder = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill('SIGKILL'));
  const [line] = await once(holder.stdout, 'data');
  return { holder, ...(JSON.parse(`${line}`) as { site: string; pid: number }) };
}

async function end({ holder, pid }: Held, signal: NodeJS.Signals): Promise<void> {
  const over = once(holder, 'exit');
  holder.kill(signal);
  await over;
  await ended([pid]);
}

describe('a lab whose process', { skip: labUnavailable() ?? false }, () => {
  it('is told to end goes with it', async (t) => {
    const held = await hold(t);
    await end(held, 'SIGTERM');
    assert.equal(held.holder.signalCode, 'SIGTERM');
    assert.deepEqual([namespacesOf(held.site), mountsOf(held.site)], [[], []]);
    assert.equal(existsSync(directoryOf(held.site)), false);
  });

  it('lives is left alone; once it was killed, the next lab removes what is left', async (t) => {
    const held = await hold(t);
    demolishLeftovers();
    assert.equal(namespacesOf(held.site).length, 4);
    assert.equal(mountsOf(held.site).length, 1);
    await end(held, 'SIGKILL');
    demolishLeftovers();
    assert.deepEqual([namespacesOf(held.site), mountsOf(held.site)], [[], []]);
    assert.equal(existsSync(directoryOf(held.site)), false);
  });
});
