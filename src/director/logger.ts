import { isatty } from 'node:tty';
import { type Logger, pino } from 'pino';
import type { LogFormat } from '../config/config.ts';
import type { LogLevel } from '../config/log-level.ts';
import { HumanLog } from './human-log.ts';
import { LogOutput } from './log-output.ts';

/** The log on stderr: a JSON object a line, or plain lines; where `format` leaves that open, plain where a person reads along. */
export function createLogger(level: LogLevel, format?: LogFormat): Logger {
  const stderr = new LogOutput(2, (lines) =>
    logger.warn(`lines of the log that could not be written: ${lines}`),
  );
  const plain = format === undefined ? isatty(2) : format === 'text';
  const logger: Logger = pino({ level, base: null }, plain ? new HumanLog(stderr) : stderr);
  return logger;
}
