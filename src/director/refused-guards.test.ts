import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../config/config-problem.ts';
import { parseConfig } from '../config/parse-config.ts';
import type { RunnableEngine } from './engine-registry.ts';
import { refusedGuards } from './refused-guards.ts';

const refusals = (fields: string, name: RunnableEngine = 'relay') =>
  refusedGuards(
    parseConfig(
      `vrrp: { instances: [{ name: a, interface: e, id: 1, addresses: [192.0.2.1, 192.0.2.2], ${fields} }] }
services: [{ service: tcp 192.0.2.2:80 }, { service: fwmark 3 inet }]
`,
      'f',
    ),
    { name },
  ).map(formatProblem);

test('services of the relay on addresses that no packet reaches are refused, by their place', () => {
  assert.deepEqual(refusals('accept: false'), [
    'f:1:96: vrrp.instances[0].accept: false would cut off the services on 192.0.2.2, which the relay serves by sockets of this host. Use ipvs or ebpf, or let packets in',
  ]);
});

test('engines in the kernel, the owner, and addresses without services are left alone', () => {
  assert.deepEqual(refusals('accept: false', 'ebpf'), []);
  assert.deepEqual(refusals('accept: false', 'ipvs'), []);
  assert.deepEqual(refusals('accept: true'), []);
  assert.deepEqual(refusals('accept: false, priority: 255'), []);
});
