import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { internetChecksum } from '../../system/internet-checksum.ts';
import type { QueuedError } from '../../system/raw/error-queue.ts';
import type { IcmpMessage } from '../../system/raw/icmp-socket.ts';
import { type EchoSocket, EchoStation } from './echo-station.ts';

const HERE = Uint8Array.of(10, 0, 0, 11);
const THERE = Uint8Array.of(10, 0, 0, 12);
const never = new AbortController().signal;

describe('EchoStation', () => {
  it('sends an echo with a correct checksum, and takes its reply', async () => {
    const { station, socket } = open();
    const outcome = station.echo(HERE, never);
    const sent = socket.sent[0] ?? new Uint8Array();
    assert.match(Buffer.from(sent).toString('hex'), /^0800[0-9a-f]{4}010203050102/);
    assert.equal(internetChecksum(sent), 0);
    socket.reply(HERE, sent);
    assert.deepEqual(await outcome, { kind: 'reply' });
    station.close();
  });

  it('takes replies only from whom it asked, with what it sent', async () => {
    const { station, socket } = open();
    const calls = new AbortController();
    const outcome = station.echo(HERE, calls.signal);
    const sent = socket.sent[0] ?? new Uint8Array();
    socket.reply(THERE, sent);
    socket.reply(HERE, changed(sent, 5));
    socket.reply(HERE, changed(sent, 7));
    socket.reply(HERE, changed(sent, 12));
    socket.reply(HERE, sent.subarray(0, 3));
    await socket.quiet();
    calls.abort();
    assert.deepEqual(await outcome, { kind: 'aborted' });
    station.close();
  });

  it('finds the echo of an error, also where little of it is quoted', async () => {
    const { station, socket } = open();
    const outcomes = [station.echo(HERE, never), station.echo(THERE, never)];
    const error = { errno: 113, origin: 2, type: 3, code: 1, offender: HERE };
    socket.fail({ ...error, payload: (socket.sent[1] ?? new Uint8Array()).subarray(0, 8) });
    assert.deepEqual(await outcomes[1], { kind: 'error', type: 3, code: 1, errno: 113, from: HERE });
    socket.reply(HERE, socket.sent[0] ?? new Uint8Array());
    assert.deepEqual(await outcomes[0], { kind: 'reply' });
    station.close();
  });

  it('rejects where nothing can be sent', async () => {
    const { station, socket } = open();
    socket.refuse = true;
    await assert.rejects(station.echo(HERE, never), /refused/);
    station.close();
  });
});

class FakeSocket implements EchoSocket {
  readonly family = 'inet';
  readonly raw = true;
  readonly sent: Uint8Array[] = [];
  refuse = false;
  readonly #messages: IcmpMessage[] = [];
  readonly #errors: QueuedError[] = [];
  #wake = Promise.withResolvers<void>();

  send(_to: Uint8Array, message: Uint8Array): void {
    if (this.refuse) throw new Error('refused');
    this.sent.push(message);
  }

  reply(from: Uint8Array, message: Uint8Array): void {
    this.#messages.push({ from, bytes: message.slice().fill(0, 0, 1) });
    this.#wake.resolve();
  }

  fail(error: QueuedError): void {
    this.#errors.push(error);
    this.#wake.resolve();
  }

  /** Resolves when all that came was received. */
  async quiet(): Promise<void> {
    while (this.#messages.length > 0) await Promise.resolve();
  }

  receive(): readonly IcmpMessage[] {
    return this.#messages.splice(0);
  }

  errors(): readonly QueuedError[] {
    return this.#errors.splice(0);
  }

  async readable(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers();
  }

  close(): void {
    this.#wake.resolve();
  }
}

function open() {
  const socket = new FakeSocket();
  const station = new EchoStation(socket, (count) =>
    Uint8Array.from({ length: count }, (_, index) => index + 1),
  );
  return { station, socket };
}

function changed(message: Uint8Array, at: number): Uint8Array {
  const copy = message.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
