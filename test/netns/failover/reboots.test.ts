/** A minute of load in which both directors are restarted, one after the other, as for an upgrade of their machines. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onlyInWhole } from '../ebpf/fixture/extent.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { FailoverLab } from './fixture/failover-lab.ts';
import { DEAD } from './fixture/fault.ts';
import { Load } from './load/load.ts';

const skip = labUnavailable('nginx', 'curl', 'sha256sum') ?? onlyInWhole();
const CONNECTIONS = 1000;
/** Opened between the reboots. */
const MORE = 200;
/** 12 MB at this rate take a minute. */
const LOAD = { connections: CONNECTIONS, rate: '200k' } as const;
const LOAD_MS = 60_000;
const LIMIT_MS = 300_000;

describe('two directors', { skip, timeout: LIMIT_MS }, () => {
  it('are rebooted in turn during a minute of load, and nothing is lost', {
    timeout: LIMIT_MS,
  }, async (t) => {
    await using site = await FailoverLab.open({ megabytes: 12 });
    await site.up();
    const load = await Load.start(site, LOAD);
    const began = performance.now();
    let reboots = 0;
    try {
      while (performance.now() < began + LOAD_MS) {
        await DEAD.strike(site.second);
        await sleep(2000);
        await load.openMore(MORE);
        await DEAD.recover(site.second);
        await site.untilSettled();
        await DEAD.strike(site.first);
        await site.untilMaster(site.second, { other: false });
        await sleep(2000);
        await load.openMore(MORE);
        await DEAD.recover(site.first);
        await site.untilSettled();
        reboots += 2;
      }
      t.diagnostic(`${reboots} reboots in ${((performance.now() - began) / 1000).toFixed()} s`);
      assert.deepEqual(await load.open(), { opened: CONNECTIONS + reboots * MORE, lost: {} });
      assert.deepEqual(await load.brokenDownloads(), []);
    } finally {
      await load.close();
    }
  });
});
