import { LineReader } from '../connect/line-reader.ts';
import { CheckFailure } from '../connect/talk.ts';
import { quoted } from '../one-line.ts';
import { MOST_HEAD_BYTES, type ResponseHead } from './head-reader.ts';

/** Finds where a body ends (RFC 9112, section 6). */
export interface BodyFraming {
  /** Hands what belongs to the body on, in pieces; true at its end. Throws {@link CheckFailure} where the framing is broken. */
  read(bytes: Buffer, take: (piece: Buffer) => void): boolean;
  /** Why the body is not whole when the connection ends now; undefined where it is. */
  missing(): string | undefined;
}

/** The framing that a head announces; undefined where there is no body (RFC 9112, section 6.3). */
export function framingOf(head: ResponseHead, method: 'GET' | 'HEAD'): BodyFraming | undefined {
  const { status } = head;
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return undefined;
  if (head.chunked) return new ChunkedFraming();
  if (head.contentLength === undefined) return UNTIL_CLOSE;
  return head.contentLength === 0 ? undefined : new LengthFraming(head.contentLength);
}

const UNTIL_CLOSE: BodyFraming = {
  read(bytes, take) {
    take(bytes);
    return false;
  },
  missing: () => undefined,
};

class LengthFraming implements BodyFraming {
  readonly #length: number;
  #left: number;

  constructor(length: number) {
    this.#length = length;
    this.#left = length;
  }

  read(bytes: Buffer, take: (piece: Buffer) => void): boolean {
    const piece = bytes.subarray(0, this.#left);
    this.#left -= piece.length;
    take(piece);
    return this.#left === 0;
  }

  missing(): string {
    return `the connection was closed after ${this.#length - this.#left} of ${this.#length} bytes of the body`;
  }
}

/** Chunks, RFC 9112, section 7.1: the size in a line, so many bytes, an empty line; after the one of size 0, trailers. */
class ChunkedFraming implements BodyFraming {
  readonly #lines = new LineReader(4096, 'a line between chunks');
  #expect: 'size' | 'bytes' | 'end of chunk' | 'trailer' = 'size';
  #left = 0;
  #trailerBytes = 0;

  read(bytes: Buffer, take: (piece: Buffer) => void): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#expect === 'bytes') {
        const piece = bytes.subarray(at, at + this.#left);
        this.#left -= piece.length;
        at += piece.length;
        take(piece);
        if (this.#left === 0) this.#expect = 'end of chunk';
        continue;
      }
      const { line, next } = this.#lines.read(bytes, at);
      this.#countTrailer(next - at);
      at = next;
      if (line !== undefined && this.#takeLine(line)) return true;
    }
    return false;
  }

  missing(): string {
    return 'the connection was closed before the last chunk of the body';
  }

  /** Whether the body ends here. */
  #takeLine(line: string): boolean {
    if (this.#expect === 'trailer') return line === '';
    if (this.#expect === 'end of chunk') {
      if (line !== '') throw new CheckFailure(`a chunk of the body is longer than its size: ${quoted(line)}`);
      this.#expect = 'size';
      return false;
    }
    const [, size] = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
    if (size === undefined) throw new CheckFailure(`a chunk of the body has no size: ${quoted(line)}`);
    this.#left = Number.parseInt(size, 16);
    this.#expect = this.#left === 0 ? 'trailer' : 'bytes';
    return false;
  }

  #countTrailer(bytes: number): void {
    if (this.#expect !== 'trailer') return;
    this.#trailerBytes += bytes;
    if (this.#trailerBytes > MOST_HEAD_BYTES)
      throw new CheckFailure(`the trailers after the body are longer than ${MOST_HEAD_BYTES} bytes`);
  }
}
