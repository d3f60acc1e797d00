import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../config/load-config.ts';
import { scriptsOf } from './scripts-of.ts';

test('every command of a configuration is found', () => {
  const config = parseConfig(
    `notify: { fifos: [{ path: /run/events, reader: /reader }, { path: /run/more }] }
checks: { own: { type: misc, command: /check } }
services:
  - service: tcp 192.0.2.10:80
    checks: [own, tcp]
    notify: { quorum-up: /quorum-up, quorum-down: /quorum-down }
    destinations:
      - { address: 10.0.0.11:80, notify: { up: /up, down: /down } }
`,
    'vipr.yaml',
  );
  const programs = [...scriptsOf(config)].map(({ argv }) => argv[0]);
  assert.deepEqual(programs.toSorted(), ['/check', '/down', '/quorum-down', '/quorum-up', '/reader', '/up']);
});
