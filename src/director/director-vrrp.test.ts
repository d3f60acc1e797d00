import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DirectorEvent } from '../api/operated-director.ts';
import type { ServiceHealth } from '../model/health.ts';
import type { ServiceKey } from '../model/service.ts';
import type { Milliseconds } from '../model/unit.ts';
import type { VrrpSettings } from '../model/vrrp.ts';
import type { OpenVrrpOptions } from '../vrrp/open-vrrp-service.ts';
import { DirectorVrrp } from './director-vrrp.ts';
import type { EventFacts } from './event-ring.ts';
import { RecordedLog } from './recorded-log.ts';

const SERVICE = 'tcp 192.0.2.10:80' as ServiceKey;
const SETTINGS: VrrpSettings = {
  instances: [],
  groups: [],
  scripts: [],
  startupDelay: 0 as Milliseconds,
};

it('speaks between begin and stop while the configuration has it, and knows quorums', async () => {
  const done: string[] = [];
  const told: EventFacts[] = [];
  let changes = 0;
  let opened: OpenVrrpOptions | undefined;
  let hear: (event: DirectorEvent) => void = () => {};
  const quorum = { state: 'down', needed: 1, hysteresis: 0, alive: 0 } as const;
  const health: readonly ServiceHealth[] = [{ service: SERVICE, quorum, destinations: [] }];
  const vrrp = new DirectorVrrp({
    logger: new RecordedLog().logger,
    runScript: async () => ({ kind: 'exited', code: 3 }),
    tellFifos: () => {},
    onState: () => {
      changes += 1;
    },
    director: {
      health: async () => health,
      onEvent: (listener) => {
        hear = listener;
        return () => done.push('deaf');
      },
      tell: (event) => told.push(event),
    },
    open: (options) => {
      opened = options;
      return {
        start: async () => void done.push('start'),
        update: async () => void done.push('update'),
        hold: (reason) => void done.push(`hold ${reason}`),
        reconsider: () => void done.push('reconsider'),
        stop: async () => void done.push('stop'),
        status: () => ({
          instances: [],
          groups: [],
          scripts: [],
          packets: { malformed: {}, unknownRouter: 0 },
        }),
      };
    },
  });
  vrrp.adopt(SETTINGS);
  assert.deepEqual([done, vrrp.stateOf('VI_1')], [[], 'initialize']);
  vrrp.hold('no table');
  await vrrp.begin();
  assert.deepEqual([done, opened?.quorum(SERVICE)], [['hold no table', 'start'], 'down']);
  hear({ id: 1, time: '', kind: 'quorum', text: '', service: SERVICE, state: 'up' });
  assert.equal(opened?.quorum(SERVICE), 'up');
  opened?.onEvent({ kind: 'oddity', text: 'VRRP VI_1: 10.0.0.2 has another password' });
  assert.deepEqual(told, [{ kind: 'vrrp', text: 'VRRP VI_1: 10.0.0.2 has another password' }]);
  assert.equal(changes, 0);
  opened?.onEvent({ kind: 'state', subject: 'instance', name: 'VI_1', state: 'master', text: 'VRRP VI_1' });
  assert.equal(changes, 1);
  vrrp.hold(undefined);
  assert.deepEqual(await opened?.runScript({ argv: ['/x'] }, { timeout: 1 as Milliseconds }), {
    succeeded: false,
    text: 'exited with 3',
  });
  vrrp.adopt(SETTINGS);
  await new Promise(setImmediate);
  vrrp.adopt(undefined);
  await new Promise(setImmediate);
  assert.equal(vrrp.status(), undefined);
  await vrrp.stop();
  vrrp.adopt(SETTINGS);
  await vrrp.stop();
  assert.deepEqual(done, [
    'hold no table',
    'start',
    'reconsider',
    'hold undefined',
    'update',
    'stop',
    'deaf',
    'deaf',
  ]);
});
