import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AF_NETLINK, NETLINK_GENERIC, SOCK_RAW } from './constants.ts';
import { close, sendto, socket } from './libc.ts';
import { NetlinkSocket } from './netlink-socket.ts';

/** A protocol that is the programs' own (linux/netlink.h). */
const NETLINK_USERSOCK = 2;
/** CTRL_CMD_GETFAMILY for `nlctrl`, with NLM_F_ACK; its answer is longer than the request. */
const REQUEST = Buffer.from(
  '2000000010000500070000000000000003020000' + '0b000200' + '6e6c6374726c0000',
  'hex',
);

describe('NetlinkSocket', () => {
  test('finds the answer right after the request', (t) => {
    const netlink = opened(t);
    assert.deepEqual(netlink.receive(), []);
    netlink.send(REQUEST);
    const datagrams = netlink.receive();
    assert.equal(datagrams.length, 2);
    for (const datagram of datagrams) {
      const view = new DataView(datagram.buffer, datagram.byteOffset);
      assert.equal(view.getUint32(0, true), datagram.length);
      assert.equal(view.getUint32(8, true), 7);
      assert.equal(view.getUint32(12, true), netlink.portId);
    }
    assert.deepEqual(netlink.receive(), []);
  });

  test('takes more datagrams than one call brings', (t) => {
    const netlink = opened(t);
    for (let n = 0; n < 50; n++) netlink.send(REQUEST);
    let count = 0;
    for (let some = netlink.receive(); some.length > 0; some = netlink.receive()) count += some.length;
    assert.equal(count, 100);
  });

  test('says that a datagram was too large, and then goes on', (t) => {
    const netlink = opened(t, { datagramBytes: 64 });
    netlink.send(REQUEST);
    assert.throws(() => netlink.receive(), { code: 'EMSGSIZE' });
    assert.deepEqual(netlink.receive(), []);
  });

  test('says that messages were lost for want of buffer', (t) => {
    const netlink = opened(t, { receiveBuffer: 1 });
    for (let n = 0; n < 20; n++) netlink.send(REQUEST);
    assert.throws(
      () => {
        for (let n = 0; n < 30; n++) netlink.receive();
      },
      { code: 'ENOBUFS' },
    );
  });

  test('hears nobody but the kernel', (t) => {
    const netlink = new NetlinkSocket(NETLINK_USERSOCK);
    t.after(() => netlink.close());
    const other = socket(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK);
    t.after(() => close(other));
    const address = new Uint8Array(12);
    address[0] = AF_NETLINK;
    new DataView(address.buffer).setUint32(4, netlink.portId, true);
    const sent = sendto(other, REQUEST, REQUEST.length, 0, address, address.length);
    if (sent < 0) return t.skip('this user may not send to other programs');
    assert.deepEqual(netlink.receive(), []);
  });

  test('waits for news without holding the event loop, and no longer than it is told', async (t) => {
    const netlink = opened(t);
    // The test runner's own work of the tests before comes first.
    await new Promise((resolve) => setTimeout(resolve, 20));
    let others = 0;
    const timer = setInterval(() => others++, 1);
    const since = performance.now();
    await netlink.readable(300);
    clearInterval(timer);
    assert.ok(performance.now() - since > 290);
    assert.ok(others > 1, 'nobody else ran meanwhile');
    netlink.send(REQUEST);
    await netlink.readable();
    assert.equal(netlink.receive().length, 2);
  });

  test('closing ends a wait; the descriptor is not used after it', async () => {
    const netlink = new NetlinkSocket(NETLINK_GENERIC);
    const waiting = netlink.readable();
    netlink.close();
    netlink.close();
    await waiting;
    await netlink.readable();
    assert.throws(() => netlink.receive(), { code: 'EBADF' });
    assert.throws(() => netlink.send(REQUEST), { code: 'EBADF' });
  });

  test('a protocol that is not there, and a group that is not', () => {
    assert.throws(() => new NetlinkSocket(31), {
      name: 'SystemCallError',
      call: 'socket',
      code: 'EPROTONOSUPPORT',
    });
    assert.throws(() => new NetlinkSocket(NETLINK_GENERIC, { groups: [0x7fffffff] }), { call: 'setsockopt' });
  });
});

function opened(t: { after(fn: () => void): void }, options = {}): NetlinkSocket {
  const netlink = new NetlinkSocket(NETLINK_GENERIC, options);
  t.after(() => netlink.close());
  return netlink;
}
