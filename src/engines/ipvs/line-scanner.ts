const BLANK = 32;
const ZERO = 48;
const NINE = 57;
const UPPER_A = 65;
const UPPER_F = 70;

/**
 * Reads words and numbers out of the lines of a text without cutting it up: files of /proc can have a million of them. What is not
 * there reads as 0 or empty, and {@link failed} says so until the next line.
 */
export class LineScanner {
  readonly #text: string;
  #at = 0;
  #nextLine = 0;
  #failed = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Whether something was not there on this line. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Goes to the begin of the next line; false at the end of the text. */
  nextLine(): boolean {
    this.#at = this.#nextLine;
    this.#failed = false;
    if (this.#at >= this.#text.length) return false;
    const end = this.#text.indexOf('\n', this.#at);
    this.#nextLine = end < 0 ? this.#text.length : end + 1;
    return true;
  }

  /** Goes past this text where it comes next, or says that it does not. A loop, as the texts are short: `startsWith` takes longer. */
  skip(text: string): boolean {
    for (let index = 0; index < text.length; index++) {
      if (this.#text.charCodeAt(this.#at + index) !== text.charCodeAt(index)) return false;
    }
    this.#at += text.length;
    return true;
  }

  /** What comes before a text on this line, which is gone past too. */
  upTo(text: string): string {
    const start = this.#at;
    const end = this.#text.indexOf(text, start);
    if (end < 0 || end >= this.#nextLine) {
      this.#failed = true;
      return '';
    }
    this.#at = end + text.length;
    return this.#text.slice(start, end);
  }

  /** The next word between blanks; the blanks behind it are gone past too. */
  word(): string {
    this.#skipBlanks();
    const start = this.#at;
    for (let code = this.#code(); code > BLANK; code = this.#code()) this.#at += 1;
    const end = this.#at;
    this.#failed ||= end === start;
    this.#skipBlanks();
    return this.#text.slice(start, end);
  }

  /** The place among these of the next word, after blanks if there are some; -1 where it is none of them. */
  oneOf(words: readonly string[]): number {
    this.#skipBlanks();
    for (let index = 0; index < words.length; index++) {
      const word = words[index];
      if (word !== undefined && this.skip(word)) return index;
    }
    this.#failed = true;
    return -1;
  }

  /** A whole number, after blanks if there are some. */
  decimal(): number {
    this.#skipBlanks();
    const start = this.#at;
    let value = 0;
    for (let code = this.#code(); code >= ZERO && code <= NINE; code = this.#code()) {
      value = value * 10 + code - ZERO;
      this.#at += 1;
    }
    this.#failed ||= this.#at === start;
    return value;
  }

  /** A number of up to 32 bits, as %X writes it; with a sign. */
  hexadecimal(): number {
    const start = this.#at;
    let value = 0;
    for (; ; this.#at++) {
      const code = this.#code();
      if (code >= ZERO && code <= NINE) value = (value << 4) | (code - ZERO);
      else if (code >= UPPER_A && code <= UPPER_F) value = (value << 4) | (code - UPPER_A + 10);
      else break;
    }
    this.#failed ||= this.#at === start || this.#at > start + 8;
    return value;
  }

  #skipBlanks(): void {
    while (this.#code() === BLANK) this.#at += 1;
  }

  /** The next character; NaN at the end. */
  #code(): number {
    return this.#text.charCodeAt(this.#at);
  }
}
