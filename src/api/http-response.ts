import { ViprError } from '../model/error.ts';

const LONGEST_HEAD = 65_536;

/** An answer whose head was read; its body is still to come. */
export interface HttpResponse {
  readonly status: number;
  /** The body as text, in pieces. Throws where the other side left before the end. */
  readonly body: AsyncIterable<string>;
}

/**
 * Reads an HTTP/1.1 answer (RFC 9112) from a connection that is used for one request: a head, then a body of a given length, in
 * chunks, or up to the end. It stands in for `node:http`, which takes `ipvsadm` as long to load as all the rest.
 */
export async function readHttpResponse(pieces: AsyncIterable<Uint8Array>): Promise<HttpResponse> {
  const reader = new ByteReader(pieces);
  await reader.expect('HTTP/1.');
  const head = await reader.until('\r\n\r\n', LONGEST_HEAD);
  const [statusLine = '', ...lines] = head.toString('latin1').split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})( |$)/.exec(statusLine)?.[1];
  if (status === undefined) throw notHttp(statusLine);
  const header = (name: string): string | undefined =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  return { status: Number(status), body: decoded(bodyOf(reader, header)) };
}

function bodyOf(reader: ByteReader, header: (name: string) => string | undefined): AsyncIterable<Buffer> {
  if (header('transfer-encoding')?.toLowerCase() === 'chunked') return chunks(reader);
  const length = header('content-length');
  if (length === undefined) return reader.rest();
  if (!/^\d{1,15}$/.test(length)) throw notHttp(`content-length: ${length}`);
  return reader.exactly(Number(length));
}

async function* chunks(reader: ByteReader): AsyncIterable<Buffer> {
  for (;;) {
    const line = (await reader.until('\r\n', LONGEST_HEAD)).toString('latin1');
    const size = /^[0-9a-f]{1,8}(?=;|$)/i.exec(line)?.[0];
    if (size === undefined) throw notHttp(line);
    const length = Number.parseInt(size, 16);
    if (length === 0) return;
    yield* reader.exactly(length);
    await reader.until('\r\n', 2);
  }
}

async function* decoded(pieces: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/** Takes bytes from pieces of any size. */
class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #buffered: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Makes sure that the next bytes are these, and leaves them there. */
  async expect(text: string): Promise<void> {
    while (this.#buffered.length < text.length && (await this.#more()));
    if (this.#buffered.length === 0) throw leftEarly();
    if (!this.#buffered.toString('latin1').startsWith(text)) throw notHttp(this.#buffered.toString('latin1'));
  }

  /** What comes before the mark, which is taken too; it and the mark have at most `most` bytes. */
  async until(mark: string, most: number): Promise<Buffer> {
    for (;;) {
      const at = this.#buffered.indexOf(mark);
      if (at >= 0) return this.#take(at + mark.length).subarray(0, at);
      if (this.#buffered.length >= most) throw notHttp(this.#buffered.toString('latin1', 0, 60));
      if (!(await this.#more())) throw leftEarly();
    }
  }

  async *exactly(length: number): AsyncIterable<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.#buffered.length === 0 && !(await this.#more())) throw leftEarly();
      const piece = this.#take(Math.min(left, this.#buffered.length));
      left -= piece.length;
      yield piece;
    }
  }

  async *rest(): AsyncIterable<Buffer> {
    do yield this.#take(this.#buffered.length);
    while (await this.#more());
  }

  #take(length: number): Buffer {
    const taken = this.#buffered.subarray(0, length);
    this.#buffered = this.#buffered.subarray(length);
    return taken;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done) return false;
    this.#buffered =
      this.#buffered.length === 0 ? Buffer.from(value) : Buffer.concat([this.#buffered, value]);
    return true;
  }
}

function notHttp(found: string): ViprError {
  return new ViprError(
    'RESPONSE_INVALID',
    `What listens there does not speak HTTP: ${JSON.stringify(found.slice(0, 60))}.`,
    {
      hint: 'Check that VIPR_SOCKET names the control socket of a director.',
    },
  );
}

/** As the system reports a connection that was cut. */
function leftEarly(): NodeJS.ErrnoException {
  return Object.assign(new Error('the connection ended before the answer did'), { code: 'ECONNRESET' });
}
