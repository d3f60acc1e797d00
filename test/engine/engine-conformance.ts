import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Engine } from '../../src/engines/engine.ts';
import type { Operation } from '../../src/model/operation.ts';
import { type Bench, type Check, type ConformanceOptions, makeBench } from './conformance-bench.ts';
import { destinationChecks } from './destination-checks.ts';
import { refusals, unsupported } from './refusal-cases.ts';
import { serviceChecks } from './service-checks.ts';
import { tableChecks } from './table-checks.ts';

/** What every engine must do with a table, whatever it does with traffic. */
export function engineConformance(
  name: string,
  makeEngine: () => Engine | Promise<Engine>,
  options: ConformanceOptions = {},
): void {
  const check: Check = (title, body) => {
    test(title, async (t) => {
      const engine = await makeEngine();
      try {
        await body(await makeBench(engine, options), t);
      } finally {
        await engine.close(0);
      }
    });
  };

  describe(`engine conformance: ${name}`, () => {
    describe('refusals', () => {
      for (const refusal of refusals) {
        check(refusal.title, async (bench, t) => {
          const reason = refusal.skip?.(bench);
          if (reason !== undefined) return t.skip(reason);
          const { before, operation } = refusal.make(bench);
          await bench.done(...before);
          await assertRefused(bench, operation, refusal.code, refusal.errno);
        });
      }
      for (const lack of unsupported) {
        check(lack.title, async (bench, t) => {
          if (lack.supported(bench.capabilities)) return t.skip('the engine can do it');
          const { before, operation } = lack.make(bench);
          await bench.done(...before);
          const { hint } = await assertRefused(bench, operation, 'NOT_SUPPORTED_BY_ENGINE', 'EOPNOTSUPP');
          assert.match(hint ?? '', /\b(ipvs|ebpf|relay|memory)\b/, 'the hint names no engine that can');
        });
      }
    });
    describe('services', () => serviceChecks(check));
    describe('destinations', () => destinationChecks(check));
    describe('the table', () => tableChecks(check));
  });
}

async function assertRefused(bench: Bench, operation: Operation, code: string, errno: string) {
  const before = await bench.engine.snapshot();
  const [outcome] = await bench.engine.execute([operation]);
  assert.ok(outcome, `${operation.kind} was done, and should have been refused with ${code}`);
  assert.deepEqual({ code: outcome.code, errno: outcome.errno }, { code, errno });
  assert.ok(outcome.message.length > 0);
  assert.ok(outcome.hint, `no hint with: ${outcome.message}`);
  assert.deepEqual(await bench.engine.snapshot(), before, 'a refused operation changed the table');
  return outcome;
}
