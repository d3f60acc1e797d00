import type { DestinationRow, ServiceRow } from './row.ts';
import { shortNumber, shortText } from './short-number.ts';

/** A row of the list. */
export type Row = ServiceRow | DestinationRow;

interface Column {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: Row) => string;
  /** Columns with a higher number go first where there is no room. */
  readonly spare: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'state', width: 5, cell: (row) => row.state, spare: 0 },
  { title: 'wght', width: 5, cell: (row) => ('weight' in row ? shortNumber(row.weight) : ''), spare: 3 },
  { title: 'activ', width: 5, cell: (row) => shortNumber(row.activeConnections), spare: 0 },
  { title: 'inact', width: 5, cell: (row) => shortNumber(row.inactiveConnections), spare: 4 },
  { title: 'con/s', width: 5, cell: (row) => shortNumber(row.traffic.connections), spare: 0 },
  { title: 'p/s>', width: 5, cell: (row) => shortNumber(row.traffic.inPackets), spare: 2 },
  { title: 'p/s<', width: 5, cell: (row) => shortNumber(row.traffic.outPackets), spare: 2 },
  { title: 'B/s>', width: 5, cell: (row) => shortNumber(row.traffic.inBytes), spare: 1 },
  { title: 'B/s<', width: 5, cell: (row) => shortNumber(row.traffic.outBytes), spare: 1 },
];

/** Names have at least that many characters, as long as there is a column to leave out. */
const LEAST_NAME = 23;

/** The heads and the rows of the list in lines of at most `width` characters; columns and parts of names that have no room are left out. */
export class ColumnLayout {
  readonly head: string;
  readonly #columns: readonly Column[];
  readonly #nameWidth: number;

  constructor(width: number, names: readonly string[]) {
    let columns = COLUMNS;
    const needed = names.reduce((most, name) => Math.max(most, name.length), LEAST_NAME);
    const room = () => width - columns.reduce((sum, column) => sum + column.width + 1, 0);
    for (let spare = 4; spare > 0 && room() < LEAST_NAME; spare -= 1) {
      columns = columns.filter((column) => column.spare < spare);
    }
    this.#columns = columns;
    this.#nameWidth = Math.max(1, Math.min(needed, room()));
    this.head = this.#join('service / destination', (column) => column.title).slice(0, width);
  }

  line(row: Row): string {
    return this.#join(nameOf(row), (column) => column.cell(row));
  }

  #join(name: string, cell: (column: Column) => string): string {
    const cells = this.#columns.map((column) => cell(column).padStart(column.width));
    return [shortText(name, this.#nameWidth).padEnd(this.#nameWidth), ...cells].join(' ');
  }
}

export function nameOf(row: Row): string {
  return 'service' in row ? row.service : `  ${row.destination}`;
}
