/** What dies is taken out of the services that it serves, and of no other one, and comes back. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { onlyInWhole } from '../../ebpf/fixture/extent.ts';
import { VIRTUAL_PREFIXES } from '../../lab/address.ts';
import { answering, loopOn, resolveName, sendMail, type WebService } from '../fixture/ask.ts';
import type { HealthLab } from '../fixture/health-lab.ts';
import type { ProgramName } from '../fixture/server-programs.ts';
import { type EngineName, SERVICES, type ServiceName } from '../fixture/services.ts';
import { ALL_UP, allWithout, whoIsUp } from '../fixture/who-is-up.ts';

const WEB_SERVICES: readonly WebService[] = ['http', 'tcp', 'path', 'https', 'slow', 'told'];

/** Who serves what: `told` and `ping` do not ask the program that serves them. */
const KILLED: readonly (readonly [ProgramName, readonly ServiceName[]])[] = [
  ['web', ['http', 'tcp', 'path', 'slow']],
  ['tls', ['https']],
  ['smtp', ['smtp']],
  ['dns', ['dns']],
  ['udp', ['udp']],
];
/** What runs within `npm test`. */
const IN_PART: Readonly<Record<EngineName, readonly ProgramName[]>> = {
  relay: ['web', 'smtp'],
  ebpf: ['web', 'dns'],
};

export function failureSuite(site: () => HealthLab, engine: EngineName): void {
  it('all are up but the one whose certificate nobody has signed that is trusted', async () => {
    await site().untilUp(ALL_UP);
    const { code, stdout } = await site().vipr('health', '--json');
    assert.equal(code, 0);
    assert.deepEqual(whoIsUp(JSON.parse(String(stdout)).services), ALL_UP);
    const [check] = (await site().server('https', 3)).checks;
    assert.match(check?.detail ?? '', /certificate "bad" is issued by "stranger"/);
    for (const name of WEB_SERVICES) {
      const answers = await answering(site(), name, 6);
      assert.deepEqual([...new Set(answers)].toSorted(), ALL_UP[name], name);
    }
    await sendMail(site());
    await resolveName(site());
  });

  for (const [program, services] of KILLED) {
    const skip = IN_PART[engine].includes(program) ? false : onlyInWhole();
    it(`${program} dies on a server and comes back`, { skip }, async () => {
      const { programs } = site();
      // Another program of the same server serves this one.
      const spared = program === 'web' ? undefined : loopOn(site(), 'tcp');
      await programs.kill(program, 1);
      await site().untilUp(allWithout('rs1', ...services));
      await assertServed(site(), services);
      const loop = loopOn(site(), 'http');
      await programs.start(program, 1);
      await site().untilUp(ALL_UP);
      await assertServed(site(), services);
      for (const each of [loop, ...(spared === undefined ? [] : [spared])]) {
        const { requests, complaints } = await each.end();
        assert.deepEqual([requests > 0, complaints], [true, '']);
      }
    });
  }

  it('only the check of the path sees that a server has lost the VIP', async () => {
    const server = site().lab.host('rs1');
    // By masquerading servers need none.
    const expected = engine === 'ebpf' ? allWithout('rs1', 'path') : ALL_UP;
    await server.output(['ip', 'route', 'del', 'local', VIRTUAL_PREFIXES.inet, 'dev', 'lo']);
    await site().untilUp(expected);
    assert.deepEqual(new Set(await answering(site(), 'path', 6)), new Set(expected.path));
    if (engine === 'ebpf') {
      const [check] = (await site().server('path', 1)).checks;
      assert.match(
        check?.detail ?? '',
        /no answer from 192\.0\.2\.12:80 on 10\.2\.0\.11: has the server the VIP/,
      );
    }
    await server.output(['ip', 'route', 'add', 'local', VIRTUAL_PREFIXES.inet, 'dev', 'lo']);
    await site().untilUp(ALL_UP);
    assert.deepEqual(new Set(await answering(site(), 'path', 6)), new Set(ALL_UP.path));
  });

  it('a server that is cut off is out of all that is checked over the network', {
    skip: onlyInWhole(),
  }, async () => {
    const names = Object.keys(SERVICES) as readonly ServiceName[];
    const bridge = site().lab.host('switch');
    await bridge.output(['ip', 'link', 'set', 'lan-rs2', 'down']);
    await site().untilUp(allWithout('rs2', ...names.filter((name) => name !== 'told')));
    for (const name of ['http', 'tcp', 'path', 'https'] as const) {
      const rest = ALL_UP[name].filter((server) => server !== 'rs2');
      assert.deepEqual(new Set(await answering(site(), name, 4)), new Set(rest), name);
    }
    await bridge.output(['ip', 'link', 'set', 'lan-rs2', 'up']);
    await site().untilUp(ALL_UP);
    for (const name of ['http', 'tcp', 'path', 'https'] as const)
      assert.deepEqual(new Set(await answering(site(), name, 6)), new Set(ALL_UP[name]), name);
  });
}

/** Clients get answers from those that are up, and from all of them. */
async function assertServed(site: HealthLab, services: readonly ServiceName[]): Promise<void> {
  const up = whoIsUp(await site.client.health());
  for (const name of services) {
    if (name === 'smtp') await sendMail(site);
    else if (name === 'dns') await resolveName(site);
    else if (name !== 'udp') {
      const answers = new Set(await answering(site, name, 6));
      // A weight that rises keeps a server from most of them.
      if (name === 'slow') assert.ok([...answers].every((server) => up.slow.includes(server)));
      else assert.deepEqual(answers, new Set(up[name]), name);
    }
  }
}
