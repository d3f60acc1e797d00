import assert from 'node:assert/strict';
import { test } from 'node:test';
import { close } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

test('names the call, the errno and what it means', () => {
  const error = new SystemCallError('bind', 98);
  assert.deepEqual([error.call, error.errno, error.code], ['bind', 98, 'EADDRINUSE']);
  assert.equal(error.message, 'bind: address already in use (EADDRINUSE)');
});

test('takes errno from the last failed call', () => {
  assert.equal(close(-1), -1);
  assert.equal(new SystemCallError('close').code, 'EBADF');
});

test('keeps a number that has no name', () => {
  assert.equal(new SystemCallError('x', 3999).code, 'E3999');
});
