import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScriptCommand } from '../../model/script-command.ts';
import type { Milliseconds } from '../../model/unit.ts';
import type { RunScriptOptions, ScriptEnd } from './run-script.ts';
import { ScriptGuard } from './script-guard.ts';

const RISKY: ScriptCommand = { argv: ['/home/eve/check', '-v'] };
const SAFE: ScriptCommand = { argv: ['/usr/bin/check'] };
const OPTIONS: RunScriptOptions = { timeout: 1000 as Milliseconds };
const DONE: ScriptEnd = { kind: 'exited', code: 0 };
const ADVICE = "let it and its folders be root's alone, or give it a user";

describe('ScriptGuard', () => {
  it('tells once of each program that others can change', async () => {
    const { guard } = guarded();
    const again = { ...RISKY, argv: ['/home/eve/check', '-q'] };
    const asUser = { ...RISKY, user: 'eve' };
    assert.deepEqual(await guard.watch('warn', [RISKY, SAFE, again, asUser]), [
      `script /home/eve/check runs as root, and others can change it: /home/eve belongs to eve; ${ADVICE}`,
    ]);
    assert.deepEqual(await guard.watch('refuse', [RISKY, SAFE]), [
      `script /home/eve/check is not run as root: /home/eve belongs to eve; ${ADVICE}`,
    ]);
  });

  it('runs what it warns of', async () => {
    const { guard, ran } = guarded();
    await guard.watch('warn', [RISKY]);
    assert.equal(await guard.run(RISKY, OPTIONS), DONE);
    assert.deepEqual(ran, ['/home/eve/check']);
  });

  it('does not run what is refused, from the call on', async () => {
    const { guard, ran } = guarded();
    const looked = guard.watch('refuse', [RISKY]);
    assert.deepEqual(await guard.run(RISKY, OPTIONS), {
      kind: 'not-started',
      reason: '/home/eve belongs to eve, and it would run as root',
    });
    assert.equal(await guard.run(SAFE, OPTIONS), DONE);
    assert.deepEqual(ran, ['/usr/bin/check']);
    await looked;
  });

  it('runs it again once it may', async () => {
    const { guard } = guarded();
    await guard.watch('refuse', [RISKY]);
    await guard.watch('warn', [RISKY]);
    assert.equal(await guard.run(RISKY, OPTIONS), DONE);
  });
});

/** A guard that finds what lies in a home risky unless it runs as a user, and runs nothing. */
function guarded() {
  const ran: (string | undefined)[] = [];
  const guard = new ScriptGuard({
    runScript: async ({ argv: [program] }) => {
      ran.push(program);
      return DONE;
    },
    riskOf: async ({ argv: [program = ''], user }) =>
      program.startsWith('/home/') && user === undefined ? '/home/eve belongs to eve' : undefined,
  });
  return { guard, ran };
}
