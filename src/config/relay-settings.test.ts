import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigInvalidError } from './config-problem.ts';
import { parseConfig } from './load-config.ts';

test('the settings of the relay are read, and absent where the file does not give them', () => {
  assert.deepEqual(parseConfig('services: []', 'vipr.yaml').relay, {});
  const text = 'relay: { retry-refused: false, connect-timeout: 2 }';
  assert.deepEqual(parseConfig(text, 'vipr.yaml').relay, { retryRefused: false, connectTimeout: 2 });
});

test('mistakes in them are found where they are', () => {
  const text = 'relay:\n  retry-refuse: true\n  connect-timeout: 0\n';
  assert.throws(
    () => parseConfig(text, 'vipr.yaml'),
    (error) => {
      assert.ok(error instanceof ConfigInvalidError);
      assert.match(error.message, /vipr\.yaml:2:3.*retry-refused/s);
      assert.match(error.message, /vipr\.yaml:3:\d+.*1 to 60/s);
      return true;
    },
  );
});
