import { isatty } from 'node:tty';
import { destination, type Logger, pino } from 'pino';
import type { LogLevel } from '../config/log-level.ts';
import { HumanLog } from './human-log.ts';

/** The log on stderr: a JSON object a line, or plain lines where a person reads along. */
export function createLogger(level: LogLevel): Logger {
  const stderr = destination({ fd: 2, sync: true });
  // A log that nobody can take any more (EPIPE, a full disk) must not end the director.
  stderr.on('error', () => undefined);
  return pino({ level, base: null }, isatty(2) ? new HumanLog(stderr) : stderr);
}
