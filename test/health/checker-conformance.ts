import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Checker, Verdict } from '../../src/health/checker.ts';
import type { Behaviour, CheckerFixture, CheckTarget } from './checker-fixture.ts';
import { openThings, untilClosed } from './open-things.ts';

/** What every checker must do, whatever it checks. */
export function checkerConformance(checker: Checker, fixture: CheckerFixture): void {
  const options = fixture.skip === undefined ? {} : { skip: fixture.skip };

  const check = (title: string, behaviour: Behaviour, body: (target: CheckTarget) => Promise<void>): void => {
    const make = fixture.targets[behaviour];
    const skip = fixture.skip ?? ('none' in make ? make.none : false);
    test(title, { skip, timeout: 60_000 }, async () => {
      if ('none' in make) return;
      const target = await make();
      try {
        const before = openThings();
        await body(target);
        await untilClosed(before);
      } finally {
        await target.close();
      }
    });
  };

  const attempt = async (target: CheckTarget, signal = new AbortController().signal): Promise<Verdict> => {
    const verdict = await checker.check({ ...target.attempt, signal });
    assertDetail(verdict);
    assert.deepEqual(getEventListeners(signal, 'abort'), [], 'it lets go of the signal');
    return verdict;
  };

  const finds = async (target: CheckTarget, expected: 'good' | 'bad'): Promise<void> => {
    const verdict = await attempt(target);
    assert.equal(verdict.good, expected === 'good', verdict.detail);
  };

  /** Time is over as soon as the target was reached. */
  const ends = async (target: CheckTarget, expected: 'good' | 'bad'): Promise<void> => {
    const controller = new AbortController();
    const pending = attempt(target, controller.signal);
    await reached(target);
    controller.abort();
    const verdict = await pending;
    assert.equal(verdict.good, expected === 'good', verdict.detail);
  };

  describe(`checker conformance: ${fixture.name}`, () => {
    check('a good target is good', 'good', (target) => finds(target, 'good'));

    check('a bad target is bad', 'bad', (target) => finds(target, 'bad'));

    check('a target that refuses is bad', 'refusing', (target) => finds(target, 'bad'));

    check('garbage has a verdict', 'garbage', (target) =>
      fixture.garbageIs === 'ignored' ? ends(target, 'bad') : finds(target, fixture.garbageIs),
    );

    check('a silent target has its verdict when time is over', 'silent', (target) =>
      ends(target, fixture.silenceIs),
    );

    check('twenty attempts at once are good, each for itself', 'good', async (target) => {
      const verdicts = await Promise.all(Array.from({ length: 20 }, () => attempt(target)));
      assert.deepEqual(
        verdicts.filter(({ good }) => !good),
        [],
      );
    });

    check('twenty attempts at a silent target end together', 'silent', async (target) => {
      const controller = new AbortController();
      const pending = Array.from({ length: 20 }, () =>
        checker.check({ ...target.attempt, signal: controller.signal }),
      );
      await reached(target);
      controller.abort();
      for (const verdict of await Promise.all(pending)) assertDetail(verdict);
      assert.deepEqual(getEventListeners(controller.signal, 'abort'), []);
    });

    check('an attempt without any time has a verdict', 'silent', async (target) => {
      await attempt(target, AbortSignal.abort());
    });

    check('an attempt may be ended at any moment', 'good', async (target) => {
      for (let turns = 0; turns < 12; turns++) {
        const controller = new AbortController();
        const pending = attempt(target, controller.signal);
        for (let passed = 0; passed < turns; passed++) await turn();
        controller.abort();
        await pending;
      }
    });

    check('what is checked is told in one line, always the same', 'good', async ({ attempt }) => {
      const text = checker.describe(attempt);
      assertOneLine(text);
      assert.equal(checker.describe(structuredClone(attempt)), text);
    });

    test('an interface that does not exist is bad', {
      ...options,
      ...(!fixture.connects && { skip: 'it does not connect' }),
    }, async () => {
      const make = fixture.targets.good;
      assert.ok(!('none' in make), 'there is a good target');
      const target = await make();
      try {
        const { attempt: usual } = target;
        const elsewhere = { ...usual, endpoint: { ...usual.endpoint, interface: 'no-such-if0' } };
        await finds({ ...target, attempt: elsewhere }, 'bad');
      } finally {
        await target.close();
      }
    });
  });
}

/** Where a target cannot tell that it was reached, some turns of the event loop have to do. */
async function reached(target: CheckTarget): Promise<void> {
  if (target.reached !== undefined) return target.reached();
  for (let passed = 0; passed < 20; passed++) await turn();
}

function assertDetail({ detail }: Verdict): void {
  assertOneLine(detail);
  assert.ok(detail.length <= 500, `${detail.length} characters are too many: ${detail}`);
}

function assertOneLine(text: string): void {
  assert.match(text, /^[^\p{Cc}\u2028\u2029]+$/u);
}
