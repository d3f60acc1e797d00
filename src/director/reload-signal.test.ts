import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ViprError } from '../model/error.ts';
import { RecordedLog } from './recorded-log.ts';
import { ReloadSignal } from './reload-signal.ts';

test('SIGHUP reloads, also one that came before the director ran, and not after the end', async () => {
  const log = new RecordedLog();
  let reloads = 0;
  const director = {
    reload: async () => {
      reloads += 1;
      return { changes: [], notes: [] };
    },
  };
  const signal = new ReloadSignal(log.logger);
  try {
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    assert.equal(reloads, 0);
    signal.begin(director);
    assert.equal(reloads, 1);
    process.emit('SIGHUP');
    assert.equal(reloads, 2);
  } finally {
    signal.dispose();
  }
  process.emit('SIGHUP');
  assert.equal(reloads, 2);
  assert.deepEqual(log.take(), Array(2).fill('info SIGHUP: the configuration is read again'));
});

test('a reload that fails ends nothing; what the director has told is not told again', async () => {
  const log = new RecordedLog();
  const errors = [new ViprError('CONFIG_INVALID', 'told'), new TypeError('a defect')];
  const signal = new ReloadSignal(log.logger);
  try {
    signal.begin({ reload: () => Promise.reject(errors.shift()) });
    process.emit('SIGHUP');
    process.emit('SIGHUP');
    await new Promise((resolve) => void setImmediate(resolve));
  } finally {
    signal.dispose();
  }
  assert.deepEqual(
    log.take().filter((line) => line.startsWith('error')),
    ['error reload'],
  );
});
