import type { Timers } from '../run-script.ts';

/** Looks at once and then again and again, `interval` milliseconds after the end of each look; the answer ends that. */
export function poll(look: () => Promise<void>, interval: number, timers: Timers): () => void {
  let isOver = false;
  let disarm = () => {};
  const run = async () => {
    await look();
    if (!isOver) disarm = timers.after(interval, () => void run());
  };
  void run();
  return () => {
    isOver = true;
    disarm();
  };
}
