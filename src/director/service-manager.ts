import type { Logger } from 'pino';
import { monotonicMilliseconds } from '../system/clock.ts';
import { sdNotify } from '../system/sd-notify.ts';

/** Who started the director and wants to know how it is. */
export interface ServiceManager {
  /** The configuration is in the engine, and requests are answered. */
  ready(status: string): void;
  /** One line for people: what the director is at. */
  status(text: string): void;
  /** Tells of a reload when it begins, and how it ended. */
  reload<T>(work: () => Promise<T>): Promise<T>;
  stopping(status: string): void;
  /** Ends the heartbeat. */
  dispose(): void;
}

/** Sends one datagram; {@link sdNotify} but in tests. */
export type Notify = (path: string, assignments: readonly string[]) => void;

/** Nobody wants to know. */
const NOBODY: ServiceManager = {
  ready: () => undefined,
  status: () => undefined,
  reload: (work) => work(),
  stopping: () => undefined,
  dispose: () => undefined,
};

/**
 * The service manager that the environment names (sd_notify(3), sd_watchdog_enabled(3)): NOTIFY_SOCKET, and WATCHDOG_USEC where it
 * wants a heartbeat. The variables are taken out of the environment, so that scripts of the configuration do not speak for the director.
 */
export function serviceManagerOf(
  env: NodeJS.ProcessEnv,
  logger: Pick<Logger, 'warn'>,
  notify: Notify = sdNotify,
): ServiceManager {
  const { NOTIFY_SOCKET: path, WATCHDOG_USEC, WATCHDOG_PID } = env;
  delete env.NOTIFY_SOCKET;
  delete env.WATCHDOG_USEC;
  delete env.WATCHDOG_PID;
  if (path === undefined || path === '') return NOBODY;
  const meant = WATCHDOG_PID === undefined || WATCHDOG_PID === String(process.pid);
  const microseconds = meant && /^[1-9][0-9]{0,15}$/.test(WATCHDOG_USEC ?? '') ? Number(WATCHDOG_USEC) : 0;
  return new Systemd(path, microseconds / 1000, logger, notify);
}

/** Longest delay that timers take, in milliseconds. */
const LONGEST_DELAY = 2 ** 31 - 1;

class Systemd implements ServiceManager {
  readonly #path: string;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #notify: Notify;
  /** On the main loop: where that hangs, the heartbeat stops, and the manager restarts the director. */
  readonly #heartbeat: NodeJS.Timeout | undefined;
  #failed = false;

  constructor(path: string, watchdog: number, logger: Pick<Logger, 'warn'>, notify: Notify) {
    this.#path = path;
    this.#logger = logger;
    this.#notify = notify;
    if (watchdog > 0) {
      const period = Math.min(LONGEST_DELAY, Math.max(1, Math.floor(watchdog / 2)));
      this.#heartbeat = setInterval(() => this.#send('WATCHDOG=1'), period).unref();
      this.#send('WATCHDOG=1');
    }
  }

  ready(status: string): void {
    this.#send('READY=1', statusLine(status));
  }

  status(text: string): void {
    this.#send(statusLine(text));
  }

  async reload<T>(work: () => Promise<T>): Promise<T> {
    const now = Math.floor(monotonicMilliseconds() * 1000);
    this.#send('RELOADING=1', `MONOTONIC_USEC=${now}`, statusLine('reads the configuration again'));
    try {
      const result = await work();
      this.#send('READY=1', statusLine('runs with the configuration that was reloaded'));
      return result;
    } catch (error) {
      this.#send('READY=1', statusLine(`the reload failed, nothing changed: ${messageOf(error)}`));
      throw error;
    }
  }

  stopping(status: string): void {
    this.#send('STOPPING=1', statusLine(status));
  }

  dispose(): void {
    clearInterval(this.#heartbeat);
  }

  /** What cannot be told once is hardly told later: one warning is enough. */
  #send(...assignments: readonly string[]): void {
    try {
      this.#notify(this.#path, assignments);
    } catch (error) {
      if (!this.#failed) this.#logger.warn(`NOTIFY_SOCKET ${this.#path} cannot be told: ${messageOf(error)}`);
      this.#failed = true;
    }
  }
}

/** A line feed would begin another assignment. */
function statusLine(text: string): string {
  return `STATUS=${text.replaceAll(/\s*\n\s*/g, '; ')}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
