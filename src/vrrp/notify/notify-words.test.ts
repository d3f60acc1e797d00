import assert from 'node:assert/strict';
import { it } from 'node:test';
import { notifyCommands, notifyLine } from './notify-words.ts';

it("writes keepalived's lines", () => {
  const change = { subject: 'INSTANCE', name: 'VI_1', state: 'master', priority: 100 } as const;
  assert.equal(notifyLine(change), 'INSTANCE "VI_1" MASTER 100\n');
  const group = { subject: 'GROUP', name: 'G', state: 'initialize', priority: 0 } as const;
  assert.equal(notifyLine(group), 'GROUP "G" STOP 0\n');
});

it("has the state's own script before the one for all, which is told what happened", () => {
  const notify = { backup: { argv: ['/b'] }, stop: { argv: ['/s'] }, any: { argv: ['/any', 'own'] } };
  const change = { subject: 'INSTANCE', name: 'VI_1', priority: 90 } as const;
  const any = (word: string) => ({ command: notify.any, args: ['INSTANCE', 'VI_1', word, '90'] });
  assert.deepEqual(notifyCommands({ ...change, state: 'backup' }, notify), [
    { command: notify.backup, args: [] },
    any('BACKUP'),
  ]);
  assert.deepEqual(notifyCommands({ ...change, state: 'initialize' }, notify), [
    { command: notify.stop, args: [] },
    any('STOP'),
  ]);
  assert.deepEqual(notifyCommands({ ...change, state: 'fault' }, notify), [any('FAULT')]);
  assert.deepEqual(notifyCommands({ ...change, state: 'fault' }, {}), []);
});
