import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceId } from '../../src/model/service.ts';
import { ChildProcess } from './fixture/child-process.ts';
import { eventually, eventuallyEqual } from './fixture/eventually.ts';
import type { LimitedRelayRequest } from './fixture/limited-relay.ts';
import { freeService } from './fixture/loopback.ts';
import { addition, serviceSettingsFor } from './fixture/relay-bench.ts';
import { TcpClient } from './fixture/tcp-client.ts';
import { startTcpServer } from './fixture/tcp-server.ts';

const timeout = 30_000;
const DESCRIPTORS = 400;
/** Well below a thread that spins: 1000. */
const IDLE_MS = 300;

describe('a relay out of descriptors', { concurrency: true }, () => {
  test('leaves clients waiting, says so once, and lets them in as others leave', { timeout }, async (t) => {
    const { id, ask } = await start(t);
    const clients = await Promise.all(Array.from({ length: 200 }, () => TcpClient.connect(t, id)));
    const served = (): number => clients.filter(({ received }) => received !== '').length;
    await eventually('some are served', () => served() > 100);
    await sleep(300);
    const room = served();
    assert.ok(room < DESCRIPTORS / 2, `${room} served`);
    assert.equal(await ask({ kind: 'warnings' }), 1);
    assert.ok((await ask({ kind: 'burden' })) < IDLE_MS, 'it sleeps while it is full');
    const [first, ...others] = clients.filter(({ received }) => received !== '');
    await first?.echo('still served');
    for (const client of others) client.socket.resetAndDestroy();
    await eventuallyEqual(served, clients.length);
    assert.equal(await ask({ kind: 'warnings' }), 1);
  });

  test('tries again now and then where others in its process took them', { timeout }, async (t) => {
    const { id, ask } = await start(t);
    await ask({ kind: 'occupy' });
    const client = await TcpClient.connect(t, id);
    await sleep(200);
    assert.equal(client.received, '');
    assert.ok((await ask({ kind: 'burden' })) < IDLE_MS, 'it sleeps meanwhile');
    await ask({ kind: 'release' });
    assert.equal(await client.name(), 'a');
  });
});

/** A relay with few descriptors, as a process of its own, with one service. */
async function start(t: TestContext): Promise<{
  readonly id: ServiceId;
  readonly ask: (request: LimitedRelayRequest) => Promise<number>;
}> {
  const server = await startTcpServer(t, 'a');
  const relay = ChildProcess.start(t, 'limited-relay', DESCRIPTORS);
  const ask = (request: LimitedRelayRequest): Promise<number> => relay.ask(request);
  const id = await freeService();
  const operations = [
    { kind: 'add-service', service: id, settings: serviceSettingsFor(id) } as const,
    addition(id, server),
  ];
  assert.equal(await ask({ kind: 'execute', operations }), 2);
  return { id, ask };
}
