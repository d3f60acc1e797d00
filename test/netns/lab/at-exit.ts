const cleanups = new Set<() => void>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Has `cleanup`, which must be synchronous, run when the process exits or is told to end. Returns how to take that back. */
export function atExit(cleanup: () => void): () => void {
  if (cleanups.size === 0) {
    process.on('exit', cleanUp);
    for (const signal of SIGNALS) process.on(signal, endBy);
  }
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) disarm();
  };
}

function cleanUp(): void {
  for (const cleanup of cleanups) cleanup();
  cleanups.clear();
}

function endBy(signal: NodeJS.Signals): void {
  cleanUp();
  disarm();
  process.kill(process.pid, signal);
}

function disarm(): void {
  process.off('exit', cleanUp);
  for (const signal of SIGNALS) process.off(signal, endBy);
}
