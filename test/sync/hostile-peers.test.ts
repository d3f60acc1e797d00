import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import { encodeSync } from '../../src/sync/message/encode-sync.ts';
import { receiveTable } from '../../src/sync/whole-table/receive-table.ts';
import { TableServer } from '../../src/sync/whole-table/table-server.ts';
import { daemonOf, FakeDirector } from './fixture/fake-director.ts';
import { FakeSegment } from './fixture/fake-segment.ts';
import { recordOf } from './fixture/record-of.ts';

const MARK = { port: 8848, epoch: '0123456789abcdef', count: 3 };
const BEACON = encodeSync({ syncId: 5, records: [], mark: MARK });
const PART = encodeSync({ syncId: 5, records: [recordOf(0), recordOf(1)] });

/** What receiveTable makes of a peer that does this, while time passes. */
async function outcomeOf(act: (peer: Duplex) => unknown): Promise<{ outcome: string; taken: number }> {
  const clock = new VirtualClock();
  const [here, peer] = duplexPair();
  here.on('close', () => peer.destroy());
  peer.on('error', () => {});
  let taken = 0;
  const taker = {
    begun: () => {},
    take: (records: readonly unknown[]) => {
      taken += records.length;
    },
  };
  const received: { outcome?: string } = {};
  const end = receiveTable(here, 5, taker, clock.after).then(
    () => {
      received.outcome = 'complete';
    },
    (error: Error) => {
      received.outcome = error.message;
    },
  );
  const acting = act(peer);
  while (received.outcome === undefined) {
    await clock.advance(100);
    await nextTurn();
  }
  await Promise.all([end, acting]);
  assert.ok(here.destroyed);
  assert.equal(clock.waiting, 0);
  return { outcome: received.outcome, taken };
}

describe('a backup that asks for a whole table', () => {
  it('takes it, however it is cut into pieces', async () => {
    const all = Buffer.concat([BEACON, PART, PART, BEACON]);
    for (const size of [1, 7, 1000]) {
      const found = await outcomeOf((peer) => {
        for (let at = 0; at < all.length; at += size) peer.write(all.subarray(at, at + size));
        peer.end();
      });
      assert.deepEqual(found, { outcome: 'complete', taken: 4 });
    }
  });

  const cases: readonly (readonly [string, (peer: Duplex) => unknown, string])[] = [
    [
      'sends nonsense',
      (peer) => peer.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(3000)),
      'a message cannot be read',
    ],
    ['sends zeros', (peer) => peer.write(Buffer.alloc(100)), 'a message tells a length of 0 bytes'],
    ['says nothing', () => {}, 'no progress within 5 s'],
    ['ends at once', (peer) => peer.end(), 'the connection ended before the table did'],
    [
      'ends early',
      (peer) => peer.end(Buffer.concat([BEACON, PART])),
      'the connection ended before the table did',
    ],
    [
      'ends in the midst',
      (peer) => peer.end(Buffer.concat([BEACON, PART.subarray(0, 50)])),
      'the connection ended before the table did',
    ],
    ['has no beginning', (peer) => peer.write(PART), 'it does not begin as a table does'],
    [
      'tells more than it sends',
      (peer) => peer.write(Buffer.from([0, 5, 255, 255, 0, 1, 0, 0, 1])),
      'no progress within 5 s',
    ],
    [
      'ends as another master',
      (peer) =>
        peer.write(
          Buffer.concat([
            BEACON,
            encodeSync({ syncId: 5, records: [], mark: { ...MARK, epoch: 'f'.repeat(16) } }),
          ]),
        ),
      'it ends as that of another master',
    ],
    [
      'has more to say',
      (peer) => peer.write(Buffer.concat([BEACON, BEACON, PART])),
      'something follows the end of the table',
    ],
    [
      'is of another sync ID',
      (peer) => peer.write(encodeSync({ syncId: 6, records: [], mark: MARK })),
      'the table is of sync ID 6',
    ],
  ];
  for (const [what, act, outcome] of cases) {
    it(`cuts off a peer that ${what}`, async () => {
      assert.equal((await outcomeOf(act)).outcome, outcome);
    });
  }

  it('cuts off a peer that never ends', async () => {
    const endless = async (peer: Duplex): Promise<void> => {
      peer.write(BEACON);
      while (!peer.destroyed) {
        peer.write(PART);
        await nextTurn();
      }
    };
    const { outcome, taken } = await outcomeOf(endless);
    assert.equal(outcome, 'not complete within 300 s');
    assert.ok(taken > 1000);
  });
});

describe('a master that is asked for its whole table', () => {
  async function withServer(
    entries: number,
    run: (connect: () => Duplex, server: TableServer, clock: VirtualClock) => Promise<void>,
  ): Promise<void> {
    const clock = new VirtualClock();
    const segment = new FakeSegment();
    const host = segment.host('10.0.0.1');
    const { table } = new FakeDirector(host, clock);
    table.fill(Array.from({ length: entries }, (_, index) => recordOf(index)));
    const server = new TableServer(daemonOf('master'), () => MARK, {
      table,
      network: host,
      now: clock.now,
      wallClock: clock.now,
      after: clock.after,
      randomBytes: (length) => Buffer.alloc(length),
      info: () => {},
      warn: () => {},
    });
    await clock.advance(1);
    const backup = segment.host('10.0.0.2');
    await run(
      () => backup.connect(backup, { address: host.address, port: 8848 }).on('error', () => {}),
      server,
      clock,
    );
    await server.close();
    assert.equal(clock.waiting, 0);
  }

  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await nextTurn();
  }

  it('does not read its table faster than the peer takes it, and cuts off one that takes nothing', async () => {
    await withServer(50_000, async (connect, server, clock) => {
      const peer = connect();
      await turns(500);
      assert.ok(peer.readableLength < 200_000, `${peer.readableLength} bytes wait`);
      await clock.advance(5000);
      await turns(20);
      assert.ok(peer.destroyed);
      assert.equal(server.counts.sent, 0);
    });
  });

  it('cuts off a peer that speaks', async () => {
    await withServer(50_000, async (connect) => {
      const peer = connect();
      peer.write('GET / HTTP/1.1\r\n\r\n');
      await turns(20);
      assert.ok(peer.destroyed);
    });
  });

  it('serves four at once, and others later', async () => {
    await withServer(50_000, async (connect, server) => {
      const peers = Array.from({ length: 5 }, connect);
      await turns(20);
      assert.deepEqual(
        peers.map(({ destroyed }) => destroyed),
        [false, false, false, false, true],
      );
      for (const peer of peers) peer.destroy();
      await turns(20);
      const later = connect().resume();
      for (let turn = 0; turn < 10_000 && server.counts.sent === 0; turn++) await nextTurn();
      assert.deepEqual(server.counts, { sent: 1, records: 50_000 });
      later.destroy();
    });
  });
});
