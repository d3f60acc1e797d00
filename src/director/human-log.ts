interface Line {
  readonly level: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info ',
  40: 'warn ',
  50: 'ERROR',
  60: 'FATAL',
};

/** Rewrites pino's JSON lines for reading: `12:03:04.123 info  add-service tcp 192.0.2.10:80: scheduler wlc`. */
export class HumanLog {
  readonly #output: { write(text: string): unknown };

  constructor(output: { write(text: string): unknown }) {
    this.#output = output;
  }

  write(json: string): void {
    const { level, time, msg, operation: _told, ...fields } = JSON.parse(json) as Line;
    const clock = new Date(time).toTimeString().slice(0, 8);
    const millisecond = String(time % 1000).padStart(3, '0');
    const details = Object.entries(fields).map(([name, value]) => ` ${name}=${show(value)}`);
    this.#output.write(
      `${clock}.${millisecond} ${LEVEL_NAMES[level] ?? level} ${msg ?? ''}${details.join('')}\n`,
    );
  }
}

/** Errors come as pino serialises them: their stack has everything. */
function show(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'stack' in value) return `\n  ${String(value.stack)}`;
  return typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value);
}
