import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemCallError } from '../../system/system-call-error.ts';
import { explainFailure } from './explain-failure.ts';

test('failures of system calls are told in a few words', () => {
  const failed = (code: string) => Object.assign(new Error(`connect ${code} 10.0.0.1:80`), { code });
  assert.equal(explainFailure(failed('ECONNREFUSED')), 'connection refused');
  assert.equal(explainFailure(failed('EHOSTUNREACH')), 'host unreachable');
  assert.equal(explainFailure(failed('EWHATEVER')), 'connect EWHATEVER 10.0.0.1:80');
});

test('what is wrong with the origin is told by the option', () => {
  assert.equal(explainFailure(new SystemCallError('SO_BINDTODEVICE', 19)), 'no such interface');
  assert.equal(
    explainFailure(new SystemCallError('SO_MARK', 1)),
    'may not mark packets: it takes CAP_NET_ADMIN',
  );
  assert.equal(explainFailure(new SystemCallError('bind', 98)), 'the source port is in use');
});

test('anything else is told in one line', () => {
  assert.equal(explainFailure(new Error('a\nb')), 'a b');
  assert.equal(explainFailure('a\nb'), 'a b');
});
