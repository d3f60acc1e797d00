import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ip } from '../../test/engine/sample-table.ts';
import type { Explanation } from '../api/operated-director.ts';
import type { DestinationKey } from '../model/destination.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import { explainJson, formatExplanation, readExplainWords } from './run-explain.ts';

const ANSWER: Explanation = {
  service: 'tcp 192.0.2.10:80' as ServiceKey,
  client: { address: ip('198.51.100.7') },
  by: 'scheduler',
  destination: '10.0.0.11:80' as DestinationKey,
  certain: false,
  reasons: [
    '198.51.100.7 has no connection.',
    'wlc takes the one with the fewest connections for its weight.',
  ],
  candidates: [
    {
      destination: '10.0.0.11:80' as DestinationKey,
      weight: 1,
      activeConnections: 12,
      inactiveConnections: 0,
      eligible: true,
      why: 'score 3072',
    },
    {
      destination: '10.0.0.12:80' as DestinationKey,
      weight: 0,
      activeConnections: 0,
      inactiveConnections: 3,
      eligible: false,
      why: 'weight 0: draining',
    },
  ],
};

test('the answer, what leads to it, and why the others are out', () => {
  assert.equal(
    formatExplanation(ANSWER),
    `198.51.100.7 to tcp 192.0.2.10:80: likely 10.0.0.11:80, by the scheduler
- 198.51.100.7 has no connection.
- wlc takes the one with the fewest connections for its weight.
    destination   weight  active  inactive  takes  why
->  10.0.0.11:80       1      12         0  yes    score 3072
    10.0.0.12:80       0       0         3  no     weight 0: draining
`,
  );
  assert.deepEqual(JSON.parse(explainJson(ANSWER)), ANSWER);
});

for (const [by, text] of [
  ['connection', '10.0.0.11:80, by its connection'],
  ['template', '10.0.0.11:80, by persistence'],
  ['scheduler', '10.0.0.11:80, by the scheduler'],
  ['none', 'no destination takes it'],
] as const) {
  test(`by ${by}`, () => {
    const [first] = formatExplanation({
      ...ANSWER,
      by,
      certain: true,
      client: { address: ip('2001:db8::7'), port: 4711 as never },
    }).split('\n');
    assert.equal(first, `[2001:db8::7]:4711 to tcp 192.0.2.10:80: ${text}`);
  });
}

test('without destinations there is no table', () => {
  assert.match(formatExplanation({ ...ANSWER, candidates: [] }), /\nno destinations\n$/);
});

for (const [client, words, options, key] of [
  ['198.51.100.7', ['192.0.2.10:80'], {}, 'tcp 192.0.2.10:80'],
  ['198.51.100.7:9', ['192.0.2.10:53'], { udp: true }, 'udp 192.0.2.10:53'],
  ['198.51.100.7', ['192.0.2.10:53'], { sctp: true }, 'sctp 192.0.2.10:53'],
  ['198.51.100.7', ['udp', '192.0.2.10:53'], {}, 'udp 192.0.2.10:53'],
  ['2001:db8::7', ['[2001:db8::10]:80'], {}, 'tcp [2001:db8::10]:80'],
  ['[2001:db8::7]', ['fwmark', '3'], {}, 'fwmark 3 inet6'],
  ['198.51.100.7', ['fwmark 3'], {}, 'fwmark 3 inet'],
  ['[2001:db8::7]:1', [], { service: 'fwmark 3 inet6' }, 'fwmark 3 inet6'],
  ['198.51.100.7', [], { service: 'udp 192.0.2.10:53' }, 'udp 192.0.2.10:53'],
] as const) {
  test(`${client} ${words.join(' ')} ${JSON.stringify(options)} asks about ${key}`, () => {
    assert.equal(serviceKey(readExplainWords(client, words, options).service), key);
  });
}

for (const [client, words, options] of [
  ['example.org', ['192.0.2.10:80'], {}],
  ['198.51.100.7', [], {}],
  ['198.51.100.7', ['192.0.2.10:80'], { service: 'tcp 192.0.2.10:80' }],
  ['198.51.100.7', ['tcp 192.0.2.10:80'], { udp: true }],
  ['198.51.100.7', ['fwmark 3'], { udp: true }],
  ['198.51.100.7', ['[2001:db8::10]:80'], {}],
  ['[198.51.100.7]', ['192.0.2.10:80'], {}],
] as const) {
  test(`${client} ${words.join(' ')} ${JSON.stringify(options)} is wrong usage`, () => {
    assert.throws(() => readExplainWords(client, words, options), { code: 'USAGE' });
  });
}
