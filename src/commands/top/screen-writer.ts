import type { LineStyle, ScreenLine, Size } from './screen.ts';

/** Control sequences of ECMA-48 and xterm's private modes (DECSET): alternate screen, cursor, wrapping at the margin. */
export const ENTER_SCREEN = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
export const LEAVE_SCREEN = '\u001b[?7h\u001b[?25h\u001b[?1049l';

/** Draws screens on a terminal: of each only the lines that differ from the one before. */
export class ScreenWriter {
  readonly #write: (text: string) => void;
  readonly #styles: Readonly<Record<LineStyle, string>>;
  #drawn: readonly string[] = [];

  constructor(write: (text: string) => void, colour: boolean) {
    this.#write = write;
    this.#styles = colour ? COLOURS : WEIGHTS;
  }

  draw(lines: readonly ScreenLine[], { rows }: Size): void {
    const next = Array.from({ length: rows }, (_, index) => this.#styled(lines[index]));
    const changes = next.flatMap((line, index) => {
      return this.#drawn[index] === line ? [] : [`\u001b[${index + 1};1H\u001b[0m\u001b[2K${line}`];
    });
    if (changes.length > 0) this.#write(changes.join(''));
    this.#drawn = next;
  }

  /** The next screen is drawn whole: the terminal's content is unknown, or its size has changed. */
  forget(): void {
    this.#write('\u001b[0m\u001b[2J');
    this.#drawn = [];
  }

  #styled(line: ScreenLine | undefined): string {
    if (line === undefined || line.text === '') return '';
    const style = this.#styles[line.style];
    return style === '' ? line.text : `\u001b[${style}m${line.text}\u001b[0m`;
  }
}

/** ECMA-48, SGR: reverse, bold, faint; without colours (https://no-color.org) the lines still differ. */
const WEIGHTS = { plain: '', head: '7', service: '1', bad: '1;7', dim: '2' } as const;
const COLOURS = { plain: '', head: '7', service: '1', bad: '1;31', dim: '2' } as const;
