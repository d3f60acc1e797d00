import { arrange, type SortOrder } from './arrange.ts';
import { ColumnLayout, nameOf } from './columns.ts';
import { rowsOf, type ServiceRow } from './row.ts';
import type { Sample } from './sample.ts';

export interface PrintSettings {
  /** Milliseconds from one look to the next. */
  readonly interval: number;
  /** Tables to print; absent for as many as there is time for. */
  readonly count?: number;
  readonly order: SortOrder;
  readonly filter: string;
  readonly json: boolean;
}

export interface PrintModules {
  readonly look: () => Promise<Sample>;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<boolean>;
}

/** Prints tables one after the other; the first one after an interval, as it takes two looks to tell what passes in a second. */
export async function printTable(settings: PrintSettings, modules: PrintModules): Promise<void> {
  const { interval, count = Number.POSITIVE_INFINITY, order, filter, json } = settings;
  const { look, write, signal, pause } = modules;
  let before = await look();
  for (let printed = 0; printed < count; printed += 1) {
    if (!(await pause(interval, signal))) return;
    const sample = await look();
    const rows = arrange(rowsOf(sample, before), order, filter);
    if (json) write(tableJson(sample, before, rows));
    else write(`${printed === 0 ? '' : '\n'}${tableText(sample, rows)}`);
    before = sample;
  }
}

/** Names are whole, however long they are. */
function tableText({ time }: Sample, rows: readonly ServiceRow[]): string {
  const all = rows.flatMap((row) => [row, ...row.destinations]);
  const layout = new ColumnLayout(Number.MAX_SAFE_INTEGER, all.map(nameOf));
  const lines = [
    layout.head,
    ...all.map((row) => layout.line(row)),
    ...(all.length === 0 ? ['no services'] : []),
  ];
  return [new Date(time).toISOString(), ...lines].map((line) => `${line.trimEnd()}\n`).join('');
}

function tableJson(sample: Sample, before: Sample, services: readonly ServiceRow[]): string {
  const seconds = (sample.at - before.at) / 1000;
  return `${JSON.stringify({ time: new Date(sample.time).toISOString(), seconds, services })}\n`;
}
