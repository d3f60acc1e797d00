import type { ServiceHealth } from '../model/health.ts';
import type { DrainStatus } from './operated-director.ts';

/** Health and drains that use every field, for tests. */

const SINCE = '2026-01-02T03:04:05.678Z';

export const HEALTHS: readonly ServiceHealth[] = [
  {
    service: 'tcp 192.0.2.10:80' as never,
    quorum: { state: 'up', needed: 2, hysteresis: 1, alive: 3 },
    destinations: [
      {
        destination: '10.0.0.11:80' as never,
        role: 'real',
        state: 'up',
        since: SINCE,
        configuredWeight: 3,
        weight: 3,
        checks: [
          {
            kind: 'http',
            target: 'http://10.0.0.11:80/a"b\\c',
            state: 'up',
            since: SINCE,
            checkedAt: SINCE,
            detail: '200',
            latency: 12.5,
            attempts: 100,
            failures: 2,
          },
          {
            kind: 'http',
            target: 'http://10.0.0.11:80/a"b\\c',
            state: 'up',
            since: SINCE,
            attempts: 0,
            failures: 0,
          },
        ],
      },
      {
        destination: '10.0.0.12:80' as never,
        role: 'real',
        state: 'down',
        since: SINCE,
        configuredWeight: 1,
        reason: 'down',
        checks: [
          {
            kind: 'misc',
            target: '/usr/bin/check\n10.0.0.12',
            state: 'down',
            since: SINCE,
            checkedAt: SINCE,
            detail: 'exit code 1',
            latency: 2000,
            attempts: 50,
            failures: 50,
            hung: 1500,
          },
        ],
      },
      {
        destination: '10.0.0.99:80' as never,
        role: 'sorry',
        state: 'up',
        since: SINCE,
        configuredWeight: 1,
        checks: [],
      },
    ],
  },
];

export const DRAINS: readonly DrainStatus[] = [
  {
    service: 'tcp 192.0.2.10:80' as never,
    destination: '10.0.0.11:80' as never,
    state: 'draining',
    // biome-ignore lint/suspicious/noThenProperty: a word, not a function
    then: 'remove',
    startedAt: SINCE,
    deadlineAt: '2026-01-02T03:09:05.678Z',
    connectionsAtStart: 40,
    activeConnections: 7,
    inactiveConnections: 3,
    persistentConnections: 1,
  },
  {
    service: 'tcp 192.0.2.10:80' as never,
    destination: '10.0.0.12:80' as never,
    state: 'drained',
    // biome-ignore lint/suspicious/noThenProperty: a word, not a function
    then: 'leave',
    startedAt: SINCE,
    connectionsAtStart: 0,
    activeConnections: 0,
    inactiveConnections: 0,
    persistentConnections: 0,
  },
];
