import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationArgument } from './duration-argument.ts';
import { readHost } from './host-words.ts';

for (const [text, host] of [
  ['10.0.0.11', { address: '10.0.0.11' }],
  ['10.0.0.11:80', { address: '10.0.0.11', port: 80 }],
  ['2001:DB8::11', { address: '2001:db8::11' }],
  ['[2001:db8::11]', { address: '2001:db8::11' }],
  ['[2001:db8::11]:80', { address: '2001:db8::11', port: 80 }],
] as const) {
  test(`${text} is an address`, () => assert.deepEqual(readHost(text, 'address'), host));
}

for (const text of ['', 'web', '10.0.0', '[10.0.0.11]', '10.0.0.11:99999', '[2001:db8::11', 'fe80::1%eth0']) {
  test(`${JSON.stringify(text)} is none`, () => {
    assert.throws(() => readHost(text, 'address of a client'), {
      code: 'USAGE',
      message: `${JSON.stringify(text)} is no address of a client.`,
    });
  });
}

test('durations are those of vipr.yaml, in seconds', () => {
  assert.deepEqual(['90', '90s', '5m', '1h', '1500ms'].map(durationArgument), [90, 90, 300, 3600, 2]);
  for (const text of ['', '0', '500ms', '-1', 'soon', '5 m', '1000h']) {
    assert.throws(() => durationArgument(text), /duration of at least a second/, text);
  }
});
