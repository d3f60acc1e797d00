import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CHECKOUT } from '../../project/source-file.ts';
import { until } from '../ebpf/fixture/until.ts';
import { FailoverLab, LIMIT_MS } from '../failover/fixture/failover-lab.ts';
import type { RunningDirector } from '../failover/fixture/running-director.ts';
import { PORTS, TARGETS } from '../failover/fixture/target.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';

const skip = labUnavailable() ?? false;

/** Two directors on the engine ebpf: the first comes back with an empty table while the second is master. */
describe('a director that comes back', { skip, timeout: 240_000 }, () => {
  let site: FailoverLab;

  before(async () => {
    site = await FailoverLab.open();
    await site.up();
  });

  after(() => site?.close());

  it('takes over when it knows the connections of the living master, and says what it waits for', async () => {
    const { first, second, lab } = site;
    await first.end('SIGKILL');
    await first.forget();
    await site.untilMaster(second);
    const [target] = TARGETS;
    assert.ok(target !== undefined);
    lab.client.start([
      'bash',
      '-c',
      `exec 3<>/dev/tcp/${target.virtualAddress}/${PORTS.echo}; exec sleep 200`,
    ]);
    const connection = new RegExp(`ESTABLISHED .*${target.virtualAddress}:${PORTS.echo} `);
    await until(async () => assert.match(await ipvsadm(second, '-Lcn'), connection), LIMIT_MS);
    await first.up();
    await site.untilMaster(first);
    assert.match(await ipvsadm(first, '-Lcn'), connection, first.log);
    const [held, synchronised, master] = [
      'VRRP takes over from no living master until connections are synchronised: ',
      'connections are synchronised: VRRP may take over again',
      'VRRP front: backup -> master',
    ].map((line) => first.log.indexOf(line));
    assert.ok(held !== undefined && synchronised !== undefined && master !== undefined);
    assert.ok(held >= 0 && held < synchronised && synchronised < master, first.log);
    await until(async () => {
      assert.match(await ipvsadm(first, '-L', '--daemon'), /^master /);
      assert.match(await ipvsadm(second, '-L', '--daemon'), /^backup /);
    }, LIMIT_MS);
  });

  it('takes over at once from a master that dies while it waits', async () => {
    const { first, second } = site;
    await first.end('SIGKILL');
    await first.forget();
    await site.untilMaster(second);
    await first.up();
    await second.end('SIGKILL');
    await site.untilMaster(first, { other: false });
  });

  function ipvsadm({ host }: RunningDirector, ...words: readonly string[]): Promise<string> {
    const environment = { VIPR_SOURCE: '1', VIPR_SOCKET: join(site.lab.directory, `${host.name}.sock`) };
    return host.output([join(CHECKOUT, 'bin/ipvsadm'), ...words], { environment, limitMs: 20_000 });
  }
});
