import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load-config.ts';
import { checkerKinds } from '../../src/health/checker-registry.ts';
import type { DestinationEvent, QuorumEvent } from '../../src/health/health-event.ts';
import { fifoLine } from '../../src/health/notify/fifo-line.ts';
import { ScriptRunner } from '../../src/health/notify/script-runner.ts';
import type { RunScriptOptions } from '../../src/health/script/run-script.ts';
import type { DestinationKey } from '../../src/model/destination.ts';
import type { HealthState } from '../../src/model/health.ts';
import type { ServiceKey } from '../../src/model/service.ts';
import { replay } from './reference-console.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';

const GUIDES = [
  'docs/guide/health.md',
  'docs/guide/from-keepalived.md',
  'docs/guide/from-ipvs.md',
  'docs/guide/high-availability.md',
];

for (const name of GUIDES) {
  const text = textOf(name);
  const files = fencesOf(text).filter(({ name }) => name !== '');

  describe(name, () => {
    it('shows what the commands print', async () => {
      await using lab = new Lab(Object.fromEntries(files.map(({ name, text }) => [name, text])));
      await replay(text, lab);
    });

    for (const { name, text } of files.filter(({ language }) => language === 'yaml')) {
      it(`shows ${name}, which a director takes`, () => {
        parseConfig(text, name);
      });
    }
  });
}

describe('docs/guide/health.md', () => {
  const page = readPage('docs/guide/health.md');

  it('has an example of each kind of check, and all of them can be used', () => {
    const shown = fencesOf(textOf('docs/guide/health.md'))
      .filter(({ name, text }) => name !== '' && text.startsWith('checks:'))
      .map(({ name, text }) => ({ name, text, names: Object.keys(parse(text).checks) }));
    const kinds = shown.flatMap(({ name, text, names }) => {
      const service = `services:\n  - service: tcp 192.0.2.10:80\n    checks: [${names.join(', ')}]\n`;
      const destinations = '    destinations: [{ address: 10.0.0.11:80 }]\n';
      const { monitoring } = parseConfig(`${text}${service}${destinations}`, name);
      const checks = [...monitoring.values()].flatMap((watched) => [...watched.destinations.values()]);
      assert.equal(checks.flatMap((each) => each.checks).length, names.length);
      return checks.flatMap((each) => each.checks.map(({ probe }) => probe.kind));
    });
    assert.deepEqual([...new Set(kinds)].toSorted(), [...checkerKinds].toSorted());
  });

  it('tells of every kind what it is for', () => {
    const told = rowsOf(sectionOf(page, 'Which check').text).map(([cell = '']) => codesOf(cell)[0]);
    assert.deepEqual(told.toSorted(), [...checkerKinds].toSorted());
  });

  it('names the variables that scripts get', async () => {
    const told = rowsOf(sectionOf(page, 'Scripts').text).flatMap(([cell = '']) => codesOf(cell));
    assert.deepEqual(told, Object.keys((await environmentOfScript()) ?? {}));
  });

  it('shows lines of named pipes as they are written', () => {
    const [shown] = fencesOf(sectionOf(page, 'Named pipes').text);
    assert.equal(
      shown?.text,
      [
        turn('tcp 192.0.2.10:80', 'down', '10.0.0.11:80'),
        turn('tcp 192.0.2.10:80', 'down'),
        turn('udp [2001:db8::10]:53', 'up', '[2001:db8::11]:53'),
        turn('fwmark 1 inet', 'up'),
        turn('fwmark 1 inet', 'up', '10.0.0.11:0'),
      ]
        .map(fifoLine)
        .join(''),
    );
  });
});

/** An event of a destination, or of a quorum. */
function turn(service: string, state: HealthState, destination?: string): DestinationEvent | QuorumEvent {
  const common = { service: service as ServiceKey, state, text: 'text' };
  return destination === undefined
    ? { kind: 'quorum', ...common }
    : { kind: 'destination', destination: destination as DestinationKey, ...common };
}

/** What the script of a destination is given beside what every script has. */
async function environmentOfScript(): Promise<RunScriptOptions['env']> {
  let env: RunScriptOptions['env'];
  const runner = new ScriptRunner({
    runScript: async (_command, options) => {
      env = options.env;
      return { kind: 'exited', code: 0 };
    },
    onProblem: () => undefined,
    now: () => 0,
  });
  runner.run({ ...turn('tcp 192.0.2.10:80', 'down', '10.0.0.11:80'), script: { argv: ['page'] } });
  await runner.idle();
  return env;
}

function textOf(page: string): string {
  return readPage(page)
    .map(({ text }) => text)
    .join('\n');
}
