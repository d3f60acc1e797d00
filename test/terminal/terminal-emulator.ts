/** A character on the screen, with the attributes that it was written with: SGR's numbers, `1;31`. */
interface Cell {
  readonly character: string;
  readonly attributes: string;
}

const BLANK: Cell = { character: ' ', attributes: '' };

/**
 * As much of a terminal (ECMA-48, xterm) as full-screen programs of tests need: absolute positions, erasing, attributes, the
 * alternate screen, and the cursor's and the margin's modes. It throws on sequences that it does not know, and where something is written
 * past the margin.
 */
export class TerminalEmulator {
  /** Whether the alternate screen is shown. */
  alternate = false;
  cursorShown = true;
  wraps = true;
  #rows: number;
  #columns: number;
  #row = 0;
  #column = 0;
  #attributes = '';
  #cells: Cell[][];

  constructor(rows: number, columns: number) {
    this.#rows = rows;
    this.#columns = columns;
    this.#cells = blank(rows, columns);
  }

  /** What was there is cut, or kept at the top left. */
  resize(rows: number, columns: number): void {
    const old = this.#cells;
    this.#cells = blank(rows, columns).map((line, row) =>
      line.map((cell, column) => old[row]?.[column] ?? cell),
    );
    this.#rows = rows;
    this.#columns = columns;
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences begin with one.
    for (const [whole, parameters, final, other] of text.matchAll(/\u001b\[([?0-9;]*)([A-Za-z])|([\s\S])/g)) {
      if (other === undefined) this.#control(parameters ?? '', final ?? '', whole);
      else this.#put(other);
    }
  }

  /** The screen as text: its lines without blanks at their ends. */
  text(): string {
    return this.#cells
      .map((line) =>
        line
          .map(({ character }) => character)
          .join('')
          .trimEnd(),
      )
      .join('\n');
  }

  /** The attributes of the first character of a row, from 0. */
  attributesOf(row: number): string {
    return this.#cells[row]?.[0]?.attributes ?? '';
  }

  #put(character: string): void {
    if (character === '\r') {
      this.#column = 0;
      return;
    }
    if (character === '\n') {
      this.#row += 1;
      if (this.#row >= this.#rows) throw new Error('the screen scrolled');
      return;
    }
    if (character < ' ') throw new Error(`unknown control character ${JSON.stringify(character)}`);
    const line = this.#cells[this.#row];
    if (line === undefined || this.#column >= this.#columns) {
      throw new Error(`${character} is written past the margin, in row ${this.#row}`);
    }
    line[this.#column] = { character, attributes: this.#attributes };
    this.#column += 1;
  }

  #control(parameters: string, final: string, whole: string): void {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    if (parameters.startsWith('?')) this.#mode(parameters.slice(1), final === 'h', whole);
    else if (final === 'H') [this.#row, this.#column] = [Math.max(1, first) - 1, Math.max(1, second) - 1];
    else if (final === 'm') this.#attributes = parameters === '0' ? '' : parameters;
    else if (final === 'K' && first === 2) this.#cells[this.#row] = blank(1, this.#columns)[0] ?? [];
    else if (final === 'J' && first === 2) this.#cells = blank(this.#rows, this.#columns);
    else throw new Error(`unknown control sequence ${JSON.stringify(whole)}`);
  }

  #mode(mode: string, on: boolean, whole: string): void {
    if (mode === '1049') this.alternate = on;
    else if (mode === '25') this.cursorShown = on;
    else if (mode === '7') this.wraps = on;
    else throw new Error(`unknown mode ${JSON.stringify(whole)}`);
  }
}

function blank(rows: number, columns: number): Cell[][] {
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => BLANK));
}
