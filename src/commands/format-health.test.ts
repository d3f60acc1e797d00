import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DestinationKey } from '../model/destination.ts';
import type { CheckStatus, DestinationHealth, ServiceHealth } from '../model/health.ts';
import type { ServiceKey } from '../model/service.ts';
import { formatHealth, healthJson, healthSummary } from './format-health.ts';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const CHECK: CheckStatus = {
  kind: 'http',
  target: 'http://10.0.0.11:80/health',
  state: 'up',
  since: ago(90),
  checkedAt: ago(2),
  detail: 'status 200',
  latency: 3.16,
  attempts: 40,
  failures: 1,
};
const UP: DestinationHealth = {
  destination: '10.0.0.11:80' as DestinationKey,
  role: 'real',
  state: 'up',
  since: ago(90),
  configuredWeight: 3,
  weight: 3,
  checks: [CHECK],
};
const { weight: _gone, ...WITHOUT_WEIGHT } = UP;
const SERVICE: ServiceHealth = {
  service: 'tcp 192.0.2.10:80' as ServiceKey,
  quorum: { state: 'down', needed: 4, hysteresis: 1, alive: 3 },
  destinations: [
    UP,
    {
      ...WITHOUT_WEIGHT,
      destination: '10.0.0.12:80' as DestinationKey,
      state: 'down',
      since: ago(4000),
      reason: 'down',
      checks: [
        {
          ...CHECK,
          kind: 'tcp',
          target: '10.0.0.12:80',
          state: 'down',
          detail: 'connection refused',
          latency: 250.4,
          hung: 3000,
        },
        { kind: 'ping', target: '10.0.0.12', state: 'up', since: ago(1), attempts: 0, failures: 0 },
      ],
    },
    {
      ...UP,
      destination: '10.0.0.99:80' as DestinationKey,
      role: 'sorry',
      weight: 0,
      configuredWeight: 1,
      reason: 'not needed',
      checks: [],
    },
  ],
};

test('services, destinations and what each check found', () => {
  assert.equal(
    formatHealth([SERVICE], NOW, false),
    `tcp 192.0.2.10:80  quorum down: weight alive 3, needed 4, hysteresis 1
  10.0.0.11:80  up for 1 min 30 s, weight 3
    http://10.0.0.11:80/health  up: status 200, 3.2 ms, 2 s ago; failures 1 of 40
  10.0.0.12:80  down for 1 h 6 min, not in the table, configured 3: down
    tcp 10.0.0.12:80  down: connection refused, 250 ms, 2 s ago, HUNG: 3 s late; failures 1 of 40
    ping 10.0.0.12  up: no result yet; failures 0 of 0
  10.0.0.99:80 (sorry server)  up for 1 min 30 s, weight 0, configured 1: not needed, not watched
`,
  );
  assert.equal(formatHealth([], NOW, false), 'no service is watched\n');
  assert.deepEqual(JSON.parse(healthJson([SERVICE])), { services: [SERVICE] });
});

test('states have colours where they are wanted', () => {
  const text = formatHealth([SERVICE], NOW, true);
  assert.ok(text.includes('quorum \u001b[31mdown\u001b[0m'));
  assert.ok(text.includes('10.0.0.11:80  \u001b[32mup\u001b[0m'));
});

test('the summary counts real servers, and names lost quorums', () => {
  assert.equal(healthSummary([SERVICE]), 'destinations up 1 of 2, no quorum: tcp 192.0.2.10:80');
  assert.equal(
    healthSummary([{ ...SERVICE, quorum: { ...SERVICE.quorum, state: 'up' } }]),
    'destinations up 1 of 2',
  );
});
