import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until it is true, and fails after 20 s, with what `told` says then. */
export async function until(holds: () => boolean | Promise<boolean>, told: () => string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, told());
    await sleep(10);
  }
}
