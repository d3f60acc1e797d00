import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AttributeReader } from './attribute-reader.ts';
import { type FakeAnswer, FakeKernel, type FakeRequest } from './fake-kernel.ts';
import { decodeMessages, NLM_F_ACK } from './message.ts';
import { NetlinkConnection } from './netlink-connection.ts';
import { NetlinkError } from './netlink-error.ts';
import type { NetlinkRequest } from './netlink-request.ts';

/** Adds the number of the request, refuses odd ones, lists as many numbers as asked for. */
const ECHO = 100;
const LIST = 101;

describe('NetlinkConnection', () => {
  test('sends many requests at once and tells the outcome of each', async () => {
    const { kernel, connection } = bench();
    const heard: number[] = [];
    const outcomes = await connection.execute(
      Array.from({ length: 300 }, (_, n) => ({
        ...echo(n),
        receive: (message) => heard.push(numberIn(message)),
      })),
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome instanceof NetlinkError ? outcome.code : outcome)),
      Array.from({ length: 300 }, (_, n) => (n % 2 === 0 ? undefined : 'EINVAL')),
    );
    assert.deepEqual(
      heard,
      Array.from({ length: 150 }, (_, n) => n * 2),
    );
    assert.equal(kernel.received.length, 3);
  });

  test('keeps the words of the kernel', async () => {
    const { connection } = bench();
    await assert.rejects(connection.request(echo(7)), {
      kind: 'refused',
      errno: 22,
      code: 'EINVAL',
      request: 'ECHO',
      kernelMessage: '7 is odd',
      offset: 20,
      message: 'ECHO: invalid argument (EINVAL, at byte 20 of the request): 7 is odd',
    });
    await assert.rejects(connection.request({ name: 'NOSUCH', type: 77 }), {
      code: 'EOPNOTSUPP',
      request: 'NOSUCH',
    });
  });

  test('keeps datagrams short of what a socket holds', async () => {
    const { kernel, connection } = bench();
    const body = { bulk: new Uint8Array(9000) };
    await connection.execute(
      Array.from({ length: 40 }, (_, n) => ({ ...echo(n), body: (writer) => writer.bytes(1, body.bulk) })),
    );
    assert.ok(kernel.received.every((datagram) => datagram.length < 80_000));
    assert.equal(kernel.received.length, 5);
  });

  test('a request that cannot be written is not sent, and stops no other', async () => {
    const { kernel, connection } = bench();
    const outcomes = await connection.execute([
      echo(2),
      { ...echo(4), body: (writer) => writer.u8(1, 999) },
      echo(6),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome?.name),
      [undefined, 'RangeError', undefined],
    );
    assert.equal(kernel.received[0]?.length, 2 * (16 + 8));
    const none = await connection.execute([{ ...echo(4), body: (writer) => writer.u8(1, 999) }]);
    assert.equal(none[0]?.name, 'RangeError');
    assert.equal(kernel.received.length, 1);
  });

  test('what a receiver throws is the outcome of its request alone', async () => {
    const { connection } = bench();
    const failing = () => {
      throw new SyntaxError('no');
    };
    const outcomes = await connection.execute([
      echo(2),
      { ...echo(4), receive: failing },
      list(9, failing),
      echo(6),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome?.name),
      [undefined, 'SyntaxError', 'SyntaxError', undefined],
    );
  });

  test('lists one after another, however many are asked for at once', async () => {
    const { kernel, connection } = bench();
    const all = Array.from({ length: 50 }, (_, n) => connection.list(list(n * 3), numberIn));
    for (const [n, numbers] of (await Promise.all(all)).entries()) {
      assert.deepEqual(
        numbers,
        Array.from({ length: n * 3 }, (_, at) => at),
      );
    }
    assert.equal(kernel.received.length, 50);
    assert.deepEqual(await connection.execute([list(5), echo(2), list(5), echo(4)]), [
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('lists again when the table changed meanwhile, but not for ever', async () => {
    const { kernel, connection } = bench();
    kernel.faults.interruptLists = 3;
    assert.deepEqual(await connection.list(list(4), numberIn), [0, 1, 2, 3]);
    assert.equal(kernel.received.length, 4);
    kernel.faults.interruptLists = 100;
    await assert.rejects(connection.list(list(4), numberIn), { kind: 'interrupted', request: 'LIST' });
    kernel.faults.interruptLists = 0;
    assert.equal((await connection.list(list(4), numberIn)).length, 4);
  });

  test('says that a list is refused', async () => {
    const { connection } = bench();
    await assert.rejects(connection.list({ ...echo(3), name: 'GETECHO' }, numberIn), { code: 'EINVAL' });
  });

  test('passes over answers to nobody, and over those that come twice', async () => {
    const { kernel, connection } = bench({ timeout: 30 });
    kernel.faults.repeat = 1;
    await assert.rejects(connection.request(echo(3)), { code: 'EINVAL' });
    assert.deepEqual(await connection.get(echo(4), numberIn), [4]);
    kernel.faults.misnumber = 2;
    await assert.rejects(connection.request(echo(6)), { kind: 'timeout', request: 'ECHO' });
    assert.deepEqual(await connection.get(echo(8), numberIn), [8]);
  });

  test('gives up an answer that does not come', async () => {
    const { kernel, connection } = bench({ timeout: 30 });
    kernel.faults.drop = 1;
    assert.deepEqual(await connection.get(echo(2), numberIn), []);
    kernel.faults.drop = 2;
    await assert.rejects(connection.request(echo(2)), { kind: 'timeout' });
    kernel.faults.drop = 2;
    await assert.rejects(connection.list(list(2), numberIn), { kind: 'timeout' });
    assert.deepEqual(await connection.list(list(2), numberIn), [0, 1]);
  });

  test('says which answers may have been lost, and takes those that were not', async () => {
    const { kernel, connection } = bench();
    kernel.faults.overrun = 2;
    const outcomes = await connection.execute([echo(2), echo(4), echo(6)]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome instanceof NetlinkError && [outcome.kind, outcome.code]),
      [['overrun', 'ENOBUFS'], ['overrun', 'ENOBUFS'], false],
    );
    await connection.request(echo(2));
  });

  test('asks for one acknowledgement a datagram, and hears of each failure all the same', async () => {
    const { kernel, connection } = bench();
    const outcomes = await connection.execute([2, 3, 4, 6, 5, 8].map((n) => echo(n)));
    assert.deepEqual(
      outcomes.map((outcome) => outcome instanceof NetlinkError && outcome.code),
      [false, 'EINVAL', false, false, 'EINVAL', false],
    );
    assert.deepEqual(
      kernel.received.map((datagram) => decodeMessages(datagram).map(({ flags }) => flags & NLM_F_ACK)),
      [[0, 0, 0, 0, 0, NLM_F_ACK]],
    );
  });

  test('a datagram that is cut fails what it answers, and nothing later', async () => {
    const { kernel, connection } = bench();
    kernel.faults.cut = 1;
    const outcomes = await connection.execute([echo(1), echo(2)]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome instanceof NetlinkError && outcome.kind),
      ['malformed', 'malformed'],
    );
    await connection.request(echo(2));
    kernel.faults.cut = 1;
    await assert.rejects(connection.list(list(100), numberIn), { kind: 'malformed' });
    assert.equal((await connection.list(list(100), numberIn)).length, 100);
  });

  test('closing ends what is under way and refuses what comes later', async () => {
    const { kernel, connection } = bench();
    kernel.faults.drop = 10;
    const waiting = connection.request(echo(2));
    const next = connection.request(echo(4));
    setImmediate(() => connection.close());
    await assert.rejects(waiting, { kind: 'closed' });
    await assert.rejects(next, { kind: 'closed' });
    await assert.rejects(connection.list(list(3), numberIn), { kind: 'closed', request: 'LIST' });
    assert.equal(kernel.openSockets, 0);
    connection.close();
  });

  test('lets others run during long work', async () => {
    const { connection } = bench();
    let others = 0;
    const timer = setInterval(() => others++, 1);
    await connection.execute(Array.from({ length: 5000 }, (_, n) => echo(n)));
    clearInterval(timer);
    assert.ok(others > 0);
  });

  test('lets others run during one long list', async () => {
    const { connection } = bench();
    const slow = (message: Parameters<typeof numberIn>[0]) => {
      for (const end = performance.now() + 0.02; performance.now() < end; );
      return numberIn(message);
    };
    let others = 0;
    const listing = connection.list(list(5000), slow);
    await new Promise((resolve) => setImmediate(resolve));
    const timer = setInterval(() => others++, 1);
    assert.equal((await listing).length, 5000);
    clearInterval(timer);
    assert.ok(others > 0);
  });

  test('numbers its requests beyond 32 bits', async (t) => {
    t.mock.method(Math, 'random', () => 0.9999999999);
    const { connection } = bench();
    for (let n = 0; n < 3; n++) {
      const outcomes = await connection.execute(Array.from({ length: 128 }, () => echo(2)));
      assert.ok(outcomes.every((outcome) => outcome === undefined));
    }
  });
});

function bench(options = {}) {
  const kernel = new FakeKernel(handle);
  return { kernel, connection: new NetlinkConnection(kernel.open(), options) };
}

function handle({ type, dump, payload }: FakeRequest): FakeAnswer | undefined {
  const reader = new AttributeReader(payload);
  const number = reader.next() && reader.length === 4 ? reader.u32() : 0;
  if (type !== ECHO && type !== LIST) return undefined;
  if (number % 2 === 1 && type === ECHO) return { errno: 22, kernelMessage: `${number} is odd`, offset: 20 };
  const numbers = dump ? Array.from({ length: number }, (_, n) => n) : [number];
  return { messages: numbers.map((n) => ({ type, body: (writer) => writer.u32(1, n) })) };
}

function echo(n: number): NetlinkRequest {
  return { name: 'ECHO', type: ECHO, body: (writer) => writer.u32(1, n) };
}

function list(n: number, receive?: () => void): NetlinkRequest {
  const request = { ...echo(n), name: 'LIST', type: LIST, dump: true };
  return receive === undefined ? request : { ...request, receive };
}

function numberIn({ payload }: { payload: ConstructorParameters<typeof AttributeReader>[0] }): number {
  const reader = new AttributeReader(payload);
  reader.next();
  const value = reader.u32();
  reader.finish();
  return value;
}
