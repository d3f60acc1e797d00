import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeNotifySocket } from './fake-notify-socket.ts';
import { sdNotify, unixAddress } from './sd-notify.ts';

test('a notification is one datagram, to a path and to an abstract name', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-notify-'));
  try {
    for (const path of [join(directory, 'notify'), `@vipr-test-${process.pid}`]) {
      using manager = new FakeNotifySocket(path);
      sdNotify(path, ['READY=1', 'STATUS=3 services, ümlaut']);
      sdNotify(path, ['WATCHDOG=1']);
      manager.read();
      assert.deepEqual(manager.received, [['READY=1', 'STATUS=3 services, ümlaut'], ['WATCHDOG=1']]);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a manager that is not there, and what is no address, are told', () => {
  assert.throws(() => sdNotify('/nonexistent/notify', ['READY=1']), { code: 'ENOENT' });
  assert.throws(() => sdNotify(`@vipr-nobody-${process.pid}`, ['READY=1']), { code: 'ECONNREFUSED' });
  assert.throws(() => sdNotify('vsock:2:1234', ['READY=1']), TypeError);
  assert.throws(() => sdNotify('@', ['READY=1']), TypeError);
  assert.throws(() => unixAddress(`/${'a'.repeat(107)}`), /107/);
  assert.equal(unixAddress(`/${'a'.repeat(106)}`).length, 110);
  assert.equal(unixAddress(`@${'a'.repeat(107)}`).length, 110);
});
