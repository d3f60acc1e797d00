import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openGroupSocket } from './group-socket.ts';
import { close } from './libc.ts';

const GROUP = Uint8Array.of(224, 0, 0, 81);

it('a socket of a group is of an interface that there is, and several may have the port', () => {
  const port = 20_000 + (process.pid % 20_000);
  const both = [openGroupSocket(GROUP, port, 'lo'), openGroupSocket(GROUP, port, 'lo')];
  for (const fd of both) close(fd);
  assert.throws(() => openGroupSocket(GROUP, port, 'vipr-none0'), {
    call: 'SO_BINDTODEVICE',
    code: 'ENODEV',
  });
});
