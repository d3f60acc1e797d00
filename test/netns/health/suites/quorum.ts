/** A quorum is lost and gained, the sorry server answers meanwhile, and all of it is told in its order. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DirectorEvent } from '../../../../src/api/operated-director.ts';
import { until } from '../../ebpf/fixture/until.ts';
import { answering, loopOn } from '../fixture/ask.ts';
import { type HealthLab, LIMIT_MS } from '../fixture/health-lab.ts';
import { SERVICES } from '../fixture/services.ts';
import { ALL_UP, type Up } from '../fixture/who-is-up.ts';

const OF_SERVICE = '[192.0.2.10]:tcp:80';

export function quorumSuite(site: () => HealthLab): void {
  it('without its quorum the sorry server answers, and no one else, until it is there again', async () => {
    const { programs } = site();
    await site().untilUp(ALL_UP);
    const before = site().told();
    await programs.kill('web', 1);
    await site().untilUp(withWeb('rs2', 'rs3'));
    assert.deepEqual(new Set(await answering(site(), 'http', 6)), new Set(['rs2', 'rs3']));
    await programs.kill('web', 2);
    await site().untilUp(withWeb('rs3'));
    const { quorum } = await site().health('http');
    assert.deepEqual([quorum.state, quorum.alive, quorum.needed], ['down', 1, 2]);
    assert.equal((await site().vipr('health')).code, 1);
    assert.deepEqual(new Set(await answering(site(), 'http', 4)), new Set(['sorry']));
    // Services without a sorry server go on with who is left.
    assert.deepEqual(new Set(await answering(site(), 'tcp', 4)), new Set(['rs3']));
    const loop = loopOn(site(), 'http');
    await programs.start('web', 2);
    await site().untilUp(withWeb('rs2', 'rs3'));
    assert.deepEqual(new Set(await answering(site(), 'http', 6)), new Set(['rs2', 'rs3']));
    await programs.start('web', 1);
    await site().untilUp(ALL_UP);
    assert.equal((await loop.end()).complaints, '');
    assert.deepEqual(new Set(await answering(site(), 'http', 6)), new Set(ALL_UP.http));
    await until(() => {
      const { fifo, scripts } = site().told();
      const told = fifo.slice(before.fifo.length).filter((line) => line.includes(OF_SERVICE));
      assert.deepEqual(told, [
        `RS [10.2.0.11]:tcp:80 ${OF_SERVICE} DOWN`,
        `RS [10.2.0.12]:tcp:80 ${OF_SERVICE} DOWN`,
        `VS ${OF_SERVICE} DOWN`,
        `RS [10.2.0.12]:tcp:80 ${OF_SERVICE} UP`,
        `VS ${OF_SERVICE} UP`,
        `RS [10.2.0.11]:tcp:80 ${OF_SERVICE} UP`,
      ]);
      // Scripts of different subjects run side by side, those of one in their order.
      const run = Map.groupBy(scripts.slice(before.scripts.length), (line) => line.split(' ')[0]);
      assert.deepEqual(Object.fromEntries(run), {
        rs1: ['rs1 down', 'rs1 up'],
        rs2: ['rs2 down', 'rs2 up'],
        quorum: ['quorum down', 'quorum up'],
      });
    }, LIMIT_MS);
  });

  it('the pipe was told what vipr events tells, in the same order', async () => {
    await site().untilUp(ALL_UP);
    await until(async () => {
      const { code, stdout } = await site().vipr('events', '--json');
      assert.equal(code, 0);
      const events = String(stdout).trim().split('\n');
      const lines = events.map((line) => lineOf(JSON.parse(line))).filter((line) => line !== undefined);
      assert.ok(lines.length > 0);
      assert.deepEqual(site().told().fifo, lines);
    }, LIMIT_MS);
  });
}

/** These alone answer HTTP. */
function withWeb(...servers: readonly string[]): Up {
  return { ...ALL_UP, http: servers, tcp: servers, path: servers, slow: servers };
}

/** The line that keepalived writes about it. */
function lineOf({ kind, destination, state = 'up', ...event }: DirectorEvent): string | undefined {
  if (kind !== 'destination' && kind !== 'quorum') return undefined;
  const service: string = event.service ?? '';
  assert.ok(Object.values<string>(SERVICES).includes(service), service);
  const [protocol, endpoint = ''] = service.split(' ');
  const name = (text: string) => text.replace(/^(.*):(\d+)$/, `[$1]:${protocol}:$2`);
  const words = kind === 'quorum' ? ['VS'] : ['RS', name(destination ?? '')];
  return [...words, name(endpoint), state.toUpperCase()].join(' ');
}
