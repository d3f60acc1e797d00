import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AttributeReader } from './attribute-reader.ts';
import { bytesOf, rangeOf } from './byte-range.ts';
import { decodeMessages } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import { NetlinkWriter } from './netlink-writer.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function written(body: (writer: NetlinkWriter) => void): Uint8Array {
  const writer = new NetlinkWriter();
  body(writer);
  return writer.datagram().slice();
}

function readerOf(body: (writer: NetlinkWriter) => void): AttributeReader {
  return new AttributeReader(rangeOf(written(body)));
}

describe('attributes', () => {
  test('are written with length, type, value and padding', () => {
    const cases: [string, (writer: NetlinkWriter) => void][] = [
      ['0500010007000000', (writer) => writer.u8(1, 7)],
      ['0600020002010000', (writer) => writer.u16(2, 0x0102)],
      ['0600020001020000', (writer) => writer.be16(2, 0x0102)],
      ['0800030004030201', (writer) => writer.u32(3, 0x01020304)],
      ['0800030001020304', (writer) => writer.be32(3, 0x01020304)],
      ['08000300ffffffff', (writer) => writer.i32(3, -1)],
      ['0c0004000807060504030201', (writer) => writer.u64(4, 0x0102030405060708n)],
      ['0c0004000102030405060708', (writer) => writer.be64(4, 0x0102030405060708n)],
      ['0700050072720000', (writer) => writer.string(5, 'rr')],
      ['0700050001020300', (writer) => writer.bytes(5, Uint8Array.of(1, 2, 3))],
      ['04000600', (writer) => writer.flag(6)],
      [
        '0c00078005000100070000000400088004000900',
        (writer) => {
          writer.nest(7, (inner) => inner.u8(1, 7));
          writer.nest(8, () => undefined);
          writer.flag(9);
        },
      ],
    ];
    for (const [expected, body] of cases) assert.equal(hex(written(body)), expected);
  });

  test('refuse values that do not fit', () => {
    const wrong: ((writer: NetlinkWriter) => void)[] = [
      (writer) => writer.u8(1, 256),
      (writer) => writer.u16(1, -1),
      (writer) => writer.u32(1, 2 ** 32),
      (writer) => writer.u32(1, 1.5),
      (writer) => writer.u32(1, Number.NaN),
      (writer) => writer.i32(1, 2 ** 31),
      (writer) => writer.u64(1, -1n),
      (writer) => writer.string(1, 'a\0b'),
      (writer) => writer.bytes(1, new Uint8Array(65532)),
      (writer) => writer.nest(1, (inner) => inner.bytes(1, new Uint8Array(65528))),
    ];
    for (const body of wrong) assert.throws(() => written(body), RangeError);
  });

  test('survive the growth of their buffer', () => {
    const reader = readerOf((writer) => {
      for (let n = 0; n < 1000; n++) writer.u32(n, n * 7);
    });
    let n = 0;
    for (; reader.next(); n++) assert.deepEqual([reader.type, reader.u32()], [n, n * 7]);
    assert.equal(n, 1000);
  });

  test('are read as they were written', () => {
    const reader = readerOf((writer) => {
      writer.u8(1, 250);
      writer.be16(2, 80);
      writer.string(3, 'wlc');
      writer.string(3, 'größe');
      writer.nest(4, (inner) => {
        inner.u64(1, 2n ** 63n);
        inner.i32(2, -5);
      });
      writer.bytes(5, Uint8Array.of(9, 8));
      writer.flag(6);
    });
    const seen: unknown[] = [];
    const reads: ((reader: AttributeReader) => unknown)[] = [
      (at) => at.u8(),
      (at) => at.be16(),
      (at) => at.string(),
      (at) => at.string(),
      (at) =>
        at.nest((inner) => {
          inner.next();
          const first = inner.u64();
          inner.next();
          return [first, inner.i32()];
        }),
      (at) => at.bytes(),
      (at) => at.length,
    ];
    for (const read of reads) {
      assert.equal(reader.next(), true);
      seen.push(read(reader));
    }
    assert.equal(reader.next(), false);
    reader.finish();
    assert.deepEqual(seen, [250, 80, 'wlc', 'größe', [2n ** 63n, -5], Uint8Array.of(9, 8), 0]);
  });

  test('the first error sticks, also from inside a nest', () => {
    const reader = readerOf((writer) => {
      writer.nest(1, (inner) => {
        inner.u16(7, 1);
        inner.u32(8, 2);
      });
      writer.u32(2, 3);
    });
    assert.equal(reader.next(), true);
    const inside = reader.nest((inner) => {
      inner.next();
      return [inner.u32(), inner.next(), inner.u32()];
    });
    assert.deepEqual(inside, [0, false, 0]);
    assert.equal(reader.next(), false);
    assert.deepEqual([reader.u32(), reader.string(), reader.bytes().length], [0, '', 0]);
    assert.throws(() => reader.finish(), {
      kind: 'malformed',
      message: 'attribute 7 has a value of 2 bytes where 4 are expected',
    });
  });

  test('that break their bounds are an error', () => {
    for (const bytes of ['0300010000000000', '09000100000000ff', 'ffff0100']) {
      const reader = new AttributeReader(rangeOf(Buffer.from(bytes, 'hex')));
      assert.equal(reader.next(), false);
      assert.throws(() => reader.finish(), { kind: 'malformed' });
    }
    const header = new AttributeReader(rangeOf(new Uint8Array(3)), 4);
    assert.equal(header.next(), false);
    assert.throws(() => header.finish(), { kind: 'malformed' });
  });

  test('a text without a closing NUL ends with its value', () => {
    const reader = readerOf((writer) => writer.bytes(1, Buffer.from('lo')));
    assert.ok(reader.next());
    assert.equal(reader.string(), 'lo');
  });
});

describe('messages', () => {
  test('come back in order, each with its own payload', () => {
    const datagram = written((writer) => {
      writer.message({ type: 16, flags: 5, sequence: 7, portId: 9 }, (body) =>
        body.header(Uint8Array.of(1, 2, 3)),
      );
      writer.message({ type: 3, flags: 2, sequence: 0xffffffff });
    });
    assert.deepEqual(
      decodeMessages(datagram).map(({ payload, ...head }) => [head, hex(bytesOf(payload))]),
      [
        [{ type: 16, flags: 5, sequence: 7, portId: 9 }, '010203'],
        [{ type: 3, flags: 2, sequence: 0xffffffff, portId: 0 }, ''],
      ],
    );
  });

  test('that do not fill their datagram are an error', () => {
    const datagram = written((writer) =>
      writer.message({ type: 1, flags: 0, sequence: 1 }, (body) => body.u32(1, 1)),
    );
    for (let length = 1; length < datagram.length; length++) {
      assert.throws(() => decodeMessages(datagram.subarray(0, length)), { kind: 'malformed' });
    }
    assert.deepEqual(decodeMessages(new Uint8Array(0)), []);
    datagram[0] = 15;
    assert.throws(() => decodeMessages(datagram), { kind: 'malformed' });
  });

  test('any bytes are messages or a NetlinkError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          for (const { payload } of decodeMessages(bytes)) walk(new AttributeReader(payload), 0);
        } catch (error) {
          assert.ok(error instanceof NetlinkError && error.kind === 'malformed', String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Reads everything in every way. */
function walk(reader: AttributeReader, depth: number): void {
  for (let n = 0; reader.next(); n++) {
    assert.ok(n < 100);
    reader.string();
    reader.bytes();
    if (reader.length === 4) reader.u32();
    if (depth < 8) reader.nest((inner) => walk(inner, depth + 1));
  }
  reader.finish();
}
