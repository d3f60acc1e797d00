/** What waits: the system's timers, or a virtual clock in tests. */
export interface Timers {
  /** Calls back once, after so many milliseconds; the answer ends the wait. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

/** The longest wait of the system's timers, in milliseconds: a longer one would end at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** The system's timers. They keep the process alive while they wait; a wait that is longer than 24 days ends after 24 days. */
export const SYSTEM_TIMERS: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_WAIT));
    return () => clearTimeout(timer);
  },
};
