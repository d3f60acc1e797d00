import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { directorSocketPath } from './socket-path.ts';

test('VIPR_SOCKET goes before everything; an empty one counts as none', () => {
  assert.equal(directorSocketPath({ VIPR_SOCKET: '/x/y', XDG_RUNTIME_DIR: '/run/user/1' }), '/x/y');
  assert.equal(directorSocketPath({ VIPR_SOCKET: '' }), directorSocketPath({}));
});

test("root's socket is in /run", (context) => {
  context.mock.method(process as { geteuid: () => number }, 'geteuid', () => 0);
  assert.equal(directorSocketPath({ XDG_RUNTIME_DIR: '/run/user/0' }), '/run/vipr/vipr.sock');
});

test("a user's socket is in the run-time directory, or in a temporary directory of the user's own", (context) => {
  context.mock.method(process as { geteuid: () => number }, 'geteuid', () => 1000);
  assert.equal(directorSocketPath({ XDG_RUNTIME_DIR: '/run/user/1000' }), '/run/user/1000/vipr/vipr.sock');
  assert.equal(directorSocketPath({}), `${tmpdir()}/vipr-1000/vipr.sock`);
});
