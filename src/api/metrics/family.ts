import type { MetricGroup } from '../schema/request-schema.ts';
import type { MetricFacts } from './metric-facts.ts';

/** What Prometheus calls a metric family: one name, and a sample for each row that has a value. */
export interface Family<Row> {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  /** One line: what it is, and its unit where the name does not tell. */
  readonly help: string;
  /** Undefined where the row has none. */
  readonly value: (row: Row) => number | bigint | undefined;
}

/** What samples are about: a service, a check. */
export interface LabelledRow {
  /** As they stand between the braces, escaped; empty for none. */
  readonly labels: string;
}

/** A sample whose value was found with its row. */
export interface ValueRow extends LabelledRow {
  readonly value: number;
}

/** Families whose samples are about the same rows. */
export interface MetricSource {
  readonly group: MetricGroup;
  readonly families: readonly Omit<Family<never>, 'value'>[];
  /** The text of all families, in pieces. */
  write(facts: MetricFacts): Iterable<string>;
}

/** Lines of a piece, so that who writes them can let others work in between. */
const LINES_PER_PIECE = 2000;

export function metricSource<Row extends LabelledRow>(
  group: MetricGroup,
  rowsOf: (facts: MetricFacts) => readonly Row[],
  families: readonly Family<Row>[],
): MetricSource {
  return {
    group,
    families,
    *write(facts) {
      const rows = rowsOf(facts);
      for (const family of families) yield* writeFamily(family, rows);
    },
  };
}

/** A single family whose rows have the values. */
export function valueSource(
  group: MetricGroup,
  family: Omit<Family<ValueRow>, 'value'>,
  rowsOf: (facts: MetricFacts) => readonly ValueRow[],
): MetricSource {
  return metricSource<ValueRow>(group, rowsOf, [{ ...family, value: ({ value }) => value }]);
}

/** Text format 0.0.4: a family's lines come in one piece after its HELP and TYPE. */
function* writeFamily<Row extends LabelledRow>(
  { name, type, help, value }: Family<Row>,
  rows: readonly Row[],
): Iterable<string> {
  let text = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  let lines = 0;
  for (const row of rows) {
    const sample = value(row);
    if (sample === undefined) continue;
    text += row.labels === '' ? `${name} ${sample}\n` : `${name}{${row.labels}} ${sample}\n`;
    lines += 1;
    if (lines % LINES_PER_PIECE === 0) {
      yield text;
      text = '';
    }
  }
  yield text;
}

/** Names and values as they stand between the braces. */
export function labels(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
    .join(',');
}

const SPECIAL = /[\\"\n]/g;

function escapeLabel(value: string): string {
  return value.replace(SPECIAL, (found) => (found === '\n' ? '\\n' : `\\${found}`));
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** Seconds since 1970 of a time in ISO 8601. */
export function timestamp(time: string): number {
  return Date.parse(time) / 1000;
}
