import type { Timers } from './timers.ts';

/** Fulfilled when the promise is, or after so many milliseconds; rejected when the promise is before that. */
export async function within(promise: Promise<unknown>, milliseconds: number, timers: Timers): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const disarm = timers.after(milliseconds, limit.resolve);
  try {
    await Promise.race([promise, limit.promise]);
  } finally {
    disarm();
  }
}
