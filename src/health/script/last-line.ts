/** Bytes of output that are kept: more than a line of a log should have. */
const MOST_BYTES = 1024;
const MOST_CHARACTERS = 200;

/** The last line with anything in it of a text that comes in pieces, as one line for a log. */
export class LastLine {
  #tail = Buffer.alloc(0);

  add(bytes: Uint8Array): void {
    const tail = Buffer.concat([this.#tail, bytes.subarray(-MOST_BYTES)]);
    this.#tail = tail.subarray(-MOST_BYTES);
  }

  /** Without control characters, and cut where it is long; empty where nothing came. */
  get text(): string {
    const lines = this.#tail.toString('utf8').split('\n');
    const last = lines.map(printable).findLast((line) => line !== '') ?? '';
    return last.length > MOST_CHARACTERS ? `${last.slice(0, MOST_CHARACTERS)}…` : last;
  }
}

function printable(line: string): string {
  return line.replace(/\p{Cc}+/gu, ' ').trim();
}
