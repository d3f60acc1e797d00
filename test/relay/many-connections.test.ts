import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChildProcess } from './fixture/child-process.ts';
import type { CrowdRequest } from './fixture/crowd-client.ts';
import { openDescriptors, settledDescriptors } from './fixture/descriptors.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { RelayBench, whereabouts } from './fixture/relay-bench.ts';

const WANTED = 10_000;
/** What the relay keeps for the rest of its process, and what this test process has open. */
const RESERVED_DESCRIPTORS = 400;

test('ten thousand connections at once, each alive, and nothing left afterwards', {
  timeout: 60_000,
}, async (t) => {
  const bench = await RelayBench.start(t, { workers: 2 });
  const limit = bench.engine.descriptorLimit;
  const count = Math.min(WANTED, Math.floor((limit - RESERVED_DESCRIPTORS) / 2));
  if (count < WANTED) t.diagnostic(`only ${count} connections: no more than ${limit} files may be open`);
  const serverProcess = ChildProcess.start(t, 'crowd-server');
  const clients = ChildProcess.start(t, 'crowd-client');
  const crowd = (request: CrowdRequest): Promise<number> => clients.ask(request);
  const server = { name: 'a', address: '127.0.0.1', port: await serverProcess.ask<number>({}) };
  const id = await bench.serve(t, [server]);
  const descriptors = await settledDescriptors();
  const memory = process.memoryUsage().rss;

  const from = performance.now();
  assert.equal(await crowd({ kind: 'open', ...whereabouts(id), count }), count);
  await eventuallyEqual(() => bench.counts(id, server), [count, 0]);
  const opened = performance.now();
  // A connection counts before its pump has opened the socket towards the server.
  await eventuallyEqual(openDescriptors, descriptors + 2 * count);
  for (let round = 0; round < 2; round++) assert.equal(await crowd({ kind: 'speak' }), count);
  const kibibytes = (process.memoryUsage().rss - memory) / 1024;
  t.diagnostic(
    `${count} connections in ${((opened - from) / 1000).toFixed(1)} s, ${(kibibytes / 1024).toFixed()} MiB, ` +
      `${(kibibytes / count).toFixed(1)} KiB each`,
  );
  assert.ok(kibibytes / count < 64, 'memory of an idle connection');
  assert.equal((await bench.entries(id)).length, count);

  assert.equal(await crowd({ kind: 'close' }), count);
  await eventuallyEqual(() => bench.counts(id, server), [0, count]);
  await eventuallyEqual(openDescriptors, descriptors);
});
