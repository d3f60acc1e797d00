/** Weights that failures, recoveries and checks make. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onlyInWhole } from '../../ebpf/fixture/extent.ts';
import { listedRows } from '../../ebpf/fixture/listing.ts';
import { until } from '../../ebpf/fixture/until.ts';
import { answering } from '../fixture/ask.ts';
import { type HealthLab, LIMIT_MS } from '../fixture/health-lab.ts';
import { type EngineName, SERVICES, type ServiceName, SLOW_WEIGHT } from '../fixture/services.ts';
import { ALL_UP, allWithout, nameOf } from '../fixture/who-is-up.ts';

export function weightSuite(site: () => HealthLab, engine: EngineName): void {
  const skip = engine === 'ebpf' ? false : onlyInWhole();

  it('who fails goes, or stays with weight 0; who recovers starts slowly where that is wanted', {
    skip,
  }, async () => {
    await site().untilUp(ALL_UP);
    await site().programs.kill('web', 3);
    await site().untilUp(allWithout('rs3', 'http', 'tcp', 'path', 'slow'));
    assert.deepEqual(await weights(site(), 'tcp'), { rs1: 1, rs2: 1, rs3: 0 });
    assert.deepEqual(await weights(site(), 'http'), { rs1: 1, rs2: 1, sorry: 0 });
    assert.deepEqual(new Set(await answering(site(), 'tcp', 6)), new Set(['rs1', 'rs2']));
    await site().programs.start('web', 3);
    await site().untilUp(ALL_UP);
    assert.deepEqual(await weights(site(), 'tcp'), { rs1: 1, rs2: 1, rs3: 1 });
    const { weight: first = 0, configuredWeight, reason } = await site().server('slow', 3);
    assert.ok(first >= 1 && first < configuredWeight, `${first}`);
    assert.deepEqual([configuredWeight, reason], [SLOW_WEIGHT, 'slow start']);
    await until(async () => {
      const risen = (await weights(site(), 'slow')).rs3 ?? 0;
      assert.ok(risen > first && risen < SLOW_WEIGHT, `${risen} after ${first}`);
    }, LIMIT_MS);
  });

  it('a file and a program set weights, and another program takes its server out', { skip }, async () => {
    site().tell({ add: 4, there: false, exit: 12 });
    await site().untilUp(allWithout('rs2', 'told'));
    await until(async () => assert.deepEqual(await weights(site(), 'told'), { rs1: 5, rs3: 10 }), LIMIT_MS);
    const answers = await answering(site(), 'told', 15);
    assert.equal(answers.filter((server) => server === 'rs1').length, 5, answers.join());
    assert.equal(answers.filter((server) => server === 'rs3').length, 10, answers.join());
    site().tell();
    await site().untilUp(ALL_UP);
    const asBefore = { rs1: 1, rs2: 1, rs3: 1 };
    await until(async () => assert.deepEqual(await weights(site(), 'told'), asBefore), LIMIT_MS);
  });
}

/** What `ipvsadm -Ln` lists of a service. */
async function weights(site: HealthLab, name: ServiceName): Promise<Readonly<Record<string, number>>> {
  const { code, stdout } = await site.vipr('ipvsadm', '-Ln');
  assert.equal(code, 0);
  const rows = listedRows(String(stdout)).filter(({ service }) => service === SERVICES[name]);
  return Object.fromEntries(
    rows.flatMap(({ destination, columns }) =>
      destination === undefined ? [] : [[nameOf(destination), Number(columns[1])]],
    ),
  );
}
