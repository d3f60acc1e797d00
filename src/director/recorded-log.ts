import { type Logger, pino } from 'pino';

/** A logger that keeps its lines, for tests. */
export class RecordedLog {
  readonly logger: Logger;
  readonly #lines: { readonly level: string; readonly msg: string }[] = [];

  constructor(level = 'info') {
    const formatters = { level: (label: string) => ({ level: label }) };
    this.logger = pino({ level, formatters }, { write: (line) => void this.#lines.push(JSON.parse(line)) });
  }

  /** `info the message`, one a line that was logged since the last call. */
  take(): string[] {
    return this.#lines.splice(0).map(({ level, msg }) => `${level} ${msg}`);
  }
}
