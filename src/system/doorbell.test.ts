import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { EPOLLET, EPOLLIN } from './constants.ts';
import { closeDoorbell, openDoorbell, ringDoorbell } from './doorbell.ts';
import { Epoll } from './epoll.ts';

test('each ring is one event, without reading', () => {
  const doorbell = openDoorbell();
  const epoll = new Epoll(4);
  try {
    epoll.add(doorbell, EPOLLIN | EPOLLET, 1);
    assert.equal(epoll.wait(0), 0);
    for (let round = 0; round < 100; round++) {
      ringDoorbell(doorbell);
      assert.equal(epoll.wait(0), 1);
      assert.equal(epoll.wait(0), 0);
    }
    ringDoorbell(doorbell);
    ringDoorbell(doorbell);
    assert.equal(epoll.wait(0), 1);
    assert.equal(epoll.wait(0), 0);
  } finally {
    epoll.close();
    closeDoorbell(doorbell);
  }
});

test('a ring wakes another thread out of its wait', { timeout: 10_000 }, async () => {
  const doorbell = openDoorbell();
  const epoll = new Epoll(4);
  const doorbellModule = new URL('./doorbell.ts', import.meta.url).href;
  const code = `import(${JSON.stringify(doorbellModule)}).then(({ ringDoorbell }) => setTimeout(ringDoorbell, 50, ${doorbell}))`;
  const thread = new Worker(code, { eval: true });
  try {
    epoll.add(doorbell, EPOLLIN | EPOLLET, 1);
    assert.equal(epoll.wait(5000), 1);
  } finally {
    await thread.terminate();
    epoll.close();
    closeDoorbell(doorbell);
  }
});
