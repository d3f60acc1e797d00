import { LineReader } from '../connect/line-reader.ts';
import { CheckFailure } from '../connect/talk.ts';
import { quoted } from '../one-line.ts';

/** What a response's head says, as far as a check needs it. */
export interface ResponseHead {
  /** 100 to 999. */
  readonly status: number;
  /** Whether the last transfer coding is chunked (RFC 9112, section 6.1). */
  readonly chunked: boolean;
  /** Bytes of the body (RFC 9110, section 8.6). */
  readonly contentLength: number | undefined;
}

/** Bytes of all heads of a response: interim ones, and the trailers after it, count. */
export const MOST_HEAD_BYTES = 64 * 1024;
const MOST_LINE_BYTES = 16 * 1024;

/** Reads the head of a response, RFC 9112, sections 4 and 5; interim responses (1xx) are skipped, but for 101, which nothing follows. */
export class HeadReader {
  readonly #lines = new LineReader(MOST_LINE_BYTES, "a line of the response's head");
  #bytes = 0;
  #status: number | undefined;
  #chunked = false;
  #contentLength: number | undefined;

  /** Whether anything has come. */
  get begun(): boolean {
    return this.#bytes > 0;
  }

  /** Takes bytes from `at` on. Throws {@link CheckFailure} where they are not HTTP, or too many. */
  read(bytes: Buffer, at: number): { readonly head: ResponseHead | undefined; readonly next: number } {
    let next = at;
    while (next < bytes.length) {
      const from = next;
      const read = this.#lines.read(bytes, from);
      next = read.next;
      this.#bytes += next - from;
      if (this.#bytes > MOST_HEAD_BYTES)
        throw new CheckFailure(`the response's head is longer than ${MOST_HEAD_BYTES} bytes`);
      if (read.line === undefined) this.#refuseOtherProtocols(this.#lines.begun);
      else if (this.#takeLine(read.line)) return { head: this.#finish(), next };
    }
    return { head: undefined, next };
  }

  /** Whether the head ends here. */
  #takeLine(line: string): boolean {
    if (this.#status === undefined) {
      this.#status = statusOf(line);
      return false;
    }
    if (line !== '') {
      this.#takeField(line);
      return false;
    }
    const interim = this.#status < 200 && this.#status !== 101;
    if (interim) this.#startAnew();
    return !interim;
  }

  #takeField(line: string): void {
    // A line that begins with a blank continues the one before (obs-fold, RFC 9112, section 5.2); none of those that matter here does.
    if (line.startsWith(' ') || line.startsWith('\t')) return;
    const colon = line.indexOf(':');
    if (colon <= 0) throw new CheckFailure(`a line of the response's head is not a header: ${quoted(line)}`);
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, colon).trimEnd().toLowerCase()) {
      case 'transfer-encoding':
        this.#chunked = /(?:^|[\s,])chunked$/i.test(value);
        break;
      case 'content-length':
        this.#contentLength = lengthOf(value, this.#contentLength);
        break;
    }
  }

  #finish(): ResponseHead {
    return { status: this.#status ?? 0, chunked: this.#chunked, contentLength: this.#contentLength };
  }

  #startAnew(): void {
    this.#status = undefined;
    this.#chunked = false;
    this.#contentLength = undefined;
  }

  /** Servers of other protocols may never end their first line. */
  #refuseOtherProtocols(begun: string): void {
    if (this.#status !== undefined) return;
    if (!begun.startsWith('HTTP/'.slice(0, begun.length))) throw notHttp(begun);
  }
}

/** `HTTP/1.1 200 OK` (RFC 9112, section 4); the reason may be missing with its blank. */
function statusOf(line: string): number {
  const [, status] = /^HTTP\/\d\.\d ([1-9]\d\d)(?: |$)/.exec(line) ?? [];
  if (status === undefined) throw notHttp(line);
  return Number(status);
}

function notHttp(line: string): CheckFailure {
  return new CheckFailure(`the answer is not HTTP: ${quoted(line)}`);
}

/** The same length may be given several times, in one field or in several (RFC 9110, section 8.6). */
function lengthOf(value: string, before: number | undefined): number {
  const [first = '', ...others] = value.split(',').map((part) => part.trim());
  const length = /^\d{1,15}$/.test(first) ? Number(first) : undefined;
  if (length === undefined || others.some((other) => other !== first) || (before ?? length) !== length)
    throw new CheckFailure(`the response's Content-Length is not a number: ${quoted(value)}`);
  return length;
}
