import { say } from './console.ts';
import type { Promises } from './promises.ts';

/** Tells what came true since `started` (of performance.now), and what to do next. Returns the exit code. */
export function summarize({ kept, broken }: Promises, started: number, next: string): number {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(`\n${kept} of ${kept + broken.length} promises kept, in ${seconds} s.`);
  for (const promise of broken) say(`NOT TRUE: ${promise}`);
  say(next);
  return broken.length === 0 ? 0 : 1;
}
