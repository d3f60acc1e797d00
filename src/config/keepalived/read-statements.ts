import { nearest } from '../nearest.ts';
import type { ConfigLines } from './config-lines.ts';
import type { Keyword, KeywordTable } from './keyword/keyword-table.ts';
import type { Place } from './place.ts';
import type { PlacedText } from './placed-text.ts';
import type { ProblemLog } from './problem-log.ts';
import type { Entry, Statement } from './statement.ts';
import { splitWords, type Word } from './word.ts';

/**
 * Reads the statements of a whole file. What is unknown, or has braces that do not fit, is told, and reading goes on behind it
 * (keepalived's lib/parser.c, process_stream, tells and goes on, too).
 */
export function readStatements(lines: ConfigLines, table: KeywordTable, log: ProblemLog): Statement[] {
  return new StatementReader(lines, log).block(table, undefined);
}

/** The block whose statements are read. */
interface OpenBlock {
  readonly name: string;
  readonly place: Place;
}

class StatementReader {
  readonly #lines: ConfigLines;
  readonly #log: ProblemLog;

  constructor(lines: ConfigLines, log: ProblemLog) {
    this.#lines = lines;
    this.#log = log;
  }

  /** The statements up to the brace that closes a block; without a block, up to the end of the file. */
  block(table: KeywordTable, open: OpenBlock | undefined): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      const line = this.#lines.next();
      if (line === undefined) {
        if (open !== undefined) this.#unclosed(open);
        return statements;
      }
      if (line.text === '}') {
        if (open !== undefined) return statements;
        this.#log.error(line.placeAt(0), 'closes a block that was not opened');
      } else if (line.text === '{') {
        this.#log.error(line.placeAt(0), 'opens a block, but no keyword that has one stands before it');
        this.#skip();
      } else {
        const statement = this.#statement(line, table, open);
        if (statement !== undefined) statements.push(statement);
      }
    }
  }

  #statement(line: PlacedText, table: KeywordTable, open: OpenBlock | undefined): Statement | undefined {
    const split = splitWords(line);
    const { openQuote } = split;
    const [keyword, ...words] = split;
    if (keyword === undefined) {
      this.#log.error(line.placeAt(0), 'the quote " is not closed');
      return undefined;
    }
    const meaning = Object.hasOwn(table, keyword.text) ? table[keyword.text] : undefined;
    if (meaning === undefined) {
      this.#unknown(keyword, table, open);
      if (this.#opens()) {
        this.#lines.next();
        this.#skip();
      }
      return undefined;
    }
    if (openQuote !== undefined && meaning.quoted !== true) {
      this.#log.error(openQuote, 'the quote " is not closed');
      this.#body(keyword, meaning);
      return undefined;
    }
    if (keyword.text === 'include_check') this.#lines.setIncludeChecks(words);
    const values = words.map((word) => ({ ...word, of: keyword.text }));
    return { keyword, meaning, values, line, ...this.#body(keyword, meaning) };
  }

  #body(keyword: Word, { body }: Keyword): Pick<Statement, 'body' | 'entries'> {
    const open = { name: keyword.text, place: keyword.place };
    if (body === undefined) {
      const brace = this.#lines.peek();
      if (!this.#opens() || brace === undefined) return {};
      this.#log.error(brace.placeAt(0), `${keyword.text} has no block`);
      this.#lines.next();
      this.#skip();
      return {};
    }
    if (!this.#opens()) {
      this.#log.error(keyword.place, `${keyword.text} misses its block: { … }`);
      return body === 'entries' ? { entries: [] } : { body: [] };
    }
    this.#lines.next();
    return body === 'entries' ? { entries: this.#entries(open) } : { body: this.block(body, open) };
  }

  #entries(open: OpenBlock): Entry[] {
    const entries: Entry[] = [];
    for (;;) {
      const line = this.#lines.next();
      if (line === undefined) {
        this.#unclosed(open);
        return entries;
      }
      if (line.text === '}') return entries;
      if (line.text === '{') {
        this.#log.error(line.placeAt(0), `the lines of ${open.name} have no blocks`);
        this.#skip();
        continue;
      }
      const words = splitWords(line);
      const [first, ...more] = words;
      if (words.openQuote !== undefined) this.#log.error(words.openQuote, 'the quote " is not closed');
      if (first !== undefined) entries.push([first, ...more]);
    }
  }

  #opens(): boolean {
    return this.#lines.peek()?.text === '{';
  }

  /** Passes over the rest of a block whose opening brace has been read. */
  #skip(): void {
    for (let depth = 1; depth > 0; ) {
      const line = this.#lines.next();
      if (line === undefined) return;
      if (line.text === '{') depth += 1;
      if (line.text === '}') depth -= 1;
    }
  }

  #unclosed({ name, place }: OpenBlock): void {
    this.#log.error(place, `the block of ${name} is not closed: } is missing`);
  }

  #unknown({ text, place }: Word, table: KeywordTable, open: OpenBlock | undefined): void {
    const where = open === undefined ? 'here' : `of ${open.name}`;
    const meant = nearest(text, Object.keys(table));
    const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
    this.#log.error(
      place,
      meant === undefined
        ? `${shown} is not a keyword ${where}`
        : `${shown} is not a keyword ${where}; did you mean ${meant}?`,
    );
  }
}
