import { isatty } from 'node:tty';
import { destination, type Logger, pino } from 'pino';
import type { LogFormat } from '../config/config.ts';
import type { LogLevel } from '../config/log-level.ts';
import { HumanLog } from './human-log.ts';

/** The log on stderr: a JSON object a line, or plain lines; where `format` leaves that open, plain where a person reads along. */
export function createLogger(level: LogLevel, format?: LogFormat): Logger {
  const stderr = destination({ fd: 2, sync: true });
  // A log that nobody can take any more (EPIPE, a full disk) must not end the director.
  stderr.on('error', () => undefined);
  const plain = format === undefined ? isatty(2) : format === 'text';
  return pino({ level, base: null }, plain ? new HumanLog(stderr) : stderr);
}
