import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeAcknowledgement } from './acknowledgement.ts';
import { decodeMessages, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_DONE, NLMSG_ERROR } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import { NetlinkWriter } from './netlink-writer.ts';

const EXT = NLM_F_ACK_TLVS;

describe('acknowledgements', () => {
  test('of success and of failure, as the kernel sent them', () => {
    // Recorded from Linux 6.12: an acknowledgement of success, and ESRCH with the request repeated.
    const done = '240000000200000166000000b00000000000000068000000230005006600000000000000';
    const esrch =
      '58000000020000006600000043020000fdffffff4400000023000500660000000000000004010000300001000600010002000000060002000600000014000300010203040000000000000000000000000600040000500000';
    const end = '1400000003000200670000004302000000000000';
    assert.deepEqual(recorded(done), { errno: 0 });
    assert.deepEqual(recorded(esrch), { errno: 3 });
    assert.deepEqual(recorded(end), { errno: 0 });
  });

  test('carry the words of the kernel after the request or after its head', () => {
    const request = new Uint8Array(24);
    request[0] = 21;
    for (const [flags, repeated] of [
      [EXT, request],
      [EXT | NLM_F_CAPPED, request.subarray(0, 16)],
    ] as const) {
      const acknowledgement = decode(NLMSG_ERROR, flags, -22, (writer) => {
        writer.header(repeated);
        writer.string(1, 'Unknown device type');
        writer.u32(2, 16);
        writer.u32(5, 3);
      });
      assert.deepEqual(acknowledgement, {
        errno: 22,
        kernelMessage: 'Unknown device type',
        offset: 16,
        missingAttribute: 3,
      });
    }
  });

  test('of a list carry them after the error number', () => {
    const acknowledgement = decode(NLMSG_DONE, EXT, -16, (writer) => writer.string(1, 'busy'));
    assert.deepEqual(acknowledgement, { errno: 16, kernelMessage: 'busy' });
  });

  test('a list may end without a number', () => {
    const writer = new NetlinkWriter();
    writer.message({ type: NLMSG_DONE, flags: 2, sequence: 1 });
    assert.deepEqual(decodeAcknowledgement(only(writer.datagram())), { errno: 0 });
  });

  test('that break the format are a NetlinkError', () => {
    const truncated = new NetlinkWriter();
    truncated.message({ type: NLMSG_ERROR, flags: 0, sequence: 1 });
    assert.throws(() => decodeAcknowledgement(only(truncated.datagram())), { kind: 'malformed' });
    assert.throws(() => decode(NLMSG_ERROR, 0, 5, () => undefined), { kind: 'malformed' });
    assert.throws(() => decode(NLMSG_ERROR, EXT, -5, () => undefined), { kind: 'malformed' });
    assert.throws(
      () => decode(NLMSG_ERROR, EXT, -5, (writer) => writer.header(new Uint8Array(16).fill(255))),
      { kind: 'malformed' },
    );
  });

  test('any bytes are one or a NetlinkError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(NLMSG_ERROR, NLMSG_DONE),
        fc.integer({ min: 0, max: 0xffff }),
        fc.uint8Array({ maxLength: 80 }),
        (type, flags, bytes) => {
          const writer = new NetlinkWriter();
          writer.message({ type, flags, sequence: 1 }, (body) => body.header(bytes));
          try {
            assert.ok(decodeAcknowledgement(only(writer.datagram())).errno >= 0);
          } catch (error) {
            assert.ok(error instanceof NetlinkError && error.kind === 'malformed', String(error));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function recorded(hex: string) {
  return decodeAcknowledgement(only(Buffer.from(hex, 'hex')));
}

function decode(type: number, flags: number, number: number, rest: (writer: NetlinkWriter) => void) {
  const writer = new NetlinkWriter();
  writer.message({ type, flags, sequence: 1 }, (body) => {
    body.header(new Uint8Array(Int32Array.of(number).buffer));
    rest(body);
  });
  return decodeAcknowledgement(only(writer.datagram()));
}

function only(datagram: Uint8Array) {
  const [message] = decodeMessages(datagram);
  assert.ok(message);
  return message;
}
