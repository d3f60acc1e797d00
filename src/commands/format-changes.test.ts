import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TableChange } from '../api/protocol.ts';
import type { DestinationKey } from '../model/destination.ts';
import type { ServiceKey } from '../model/service.ts';
import { showsColour } from './command-context.ts';
import { changesJson, formatChanges } from './format-changes.ts';

const WEB = 'tcp 192.0.2.10:80' as ServiceKey;
const DNS = 'udp 192.0.2.10:53' as ServiceKey;
const ONE = '10.0.0.1:80' as DestinationKey;
const CHANGES: readonly TableChange[] = [
  { action: 'change', fields: [{ field: 'udp', before: '300 s', after: '60 s' }] },
  { action: 'add', service: WEB, fields: [{ field: 'scheduler', after: 'rr' }] },
  { action: 'add', service: WEB, destination: ONE, fields: [{ field: 'weight', after: '1' }] },
  {
    action: 'change',
    service: DNS,
    destination: ONE,
    fields: [
      { field: 'weight', before: '1', after: '0' },
      { field: 'upper threshold', before: '9' },
    ],
  },
  { action: 'remove', service: DNS, destination: ONE, fields: [] },
];

test('changes are told under their services, and counted', () => {
  assert.equal(
    formatChanges(CHANGES, 'plan', false),
    `~ timeouts: udp 300 s -> 60 s
+ tcp 192.0.2.10:80: scheduler rr
    + 10.0.0.1:80: weight 1
  udp 192.0.2.10:53
    ~ 10.0.0.1:80: weight 1 -> 0, upper threshold 9 -> none
    - 10.0.0.1:80
to add 2, to change 2, to remove 1
`,
  );
  assert.match(formatChanges(CHANGES.slice(1, 2), 'done', false), /^\+ .*\nadded 1\n$/);
});

test('no changes are told too', () => {
  assert.equal(formatChanges([], 'plan', true), 'nothing to change\n');
  assert.equal(formatChanges([], 'done', true), 'nothing was to change\n');
  assert.deepEqual(JSON.parse(changesJson([], { notes: [] })), { changes: [], notes: [] });
});

test('colours are for terminals, unless NO_COLOR is set', () => {
  assert.equal(
    formatChanges(CHANGES.slice(4), 'done', true),
    '  udp 192.0.2.10:53\n    \u001b[31m- 10.0.0.1:80\u001b[0m\nremoved 1\n',
  );
  assert.equal(showsColour({ isTerminal: true, env: {} }), true);
  assert.equal(showsColour({ isTerminal: true, env: { NO_COLOR: '' } }), true);
  assert.equal(showsColour({ isTerminal: true, env: { NO_COLOR: '1' } }), false);
  assert.equal(showsColour({ env: {} }), false);
});
