/** Milliseconds on the system's monotonic clock (CLOCK_MONOTONIC), the same for all threads and processes. */
export function monotonicMilliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
