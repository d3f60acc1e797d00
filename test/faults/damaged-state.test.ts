import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';
import { encodeState } from '../../src/director/director-state.ts';
import { RecordedLog } from '../../src/director/recorded-log.ts';
import { StateFile } from '../../src/director/state-file.ts';
import { serviceKey } from '../../src/model/service.ts';
import { destinationOn, serviceOn } from '../engine/sample-table.ts';
import { SeededRandom } from '../random/seeded-random.ts';

const ORIGIN = { engine: 'memory', boot: 'this one' } as const;
const SEED = Number(process.env.VIPR_SEED ?? 20_261);
const TEXT = encodeState(
  {
    owned: [serviceKey(serviceOn('192.0.2.10')), serviceKey(serviceOn('2001:db8::10', 53, 'udp'))],
    drains: [
      {
        service: serviceOn('192.0.2.10'),
        destination: destinationOn('10.0.0.1'),
        ...(JSON.parse('{"then":"leave"}') as { readonly then: 'leave' }),
        startedAt: 1_700_000_000_000,
        connectionsAtStart: 3,
        state: 'draining',
      },
    ],
  },
  ORIGIN,
);

describe('a state file that is damaged', () => {
  test('cut off anywhere it is passed over, which one line tells', () => {
    for (let length = 0; length < TEXT.length - 1; length++) {
      assert.deepEqual(read(TEXT.slice(0, length)), [0, 0, 1], `${length} bytes`);
    }
    assert.deepEqual(read(TEXT), [2, 1, 0]);
  });

  test(`with bytes of chance it is passed over, or read as what it says (VIPR_SEED=${SEED})`, () => {
    const random = new SeededRandom(SEED);
    for (let count = 0; count < 500; count++) {
      const bytes = Buffer.from(TEXT);
      for (let flips = random.integer(1, 8); flips > 0; flips--) {
        bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
      }
      const [owned, drains, lines] = read(bytes);
      // Another start of the system, or another engine, is not damage.
      assert.ok(lines <= 1 && (lines === 0 || owned + drains === 0), bytes.toString());
    }
  });

  test('does not keep a director from starting, and is whole afterwards', async () => {
    for (const garbage of [Buffer.from([0, 255, 10, 128]), '', '{"version":1', '[]', 'x'.repeat(1 << 20)]) {
      using directory = new TestDirectory();
      const config = directory.write('vipr.yaml', 'services: [{ service: "tcp 192.0.2.10:80" }]\n');
      const state = `${directory.socket}.state`;
      writeFileSync(state, garbage);
      const words = ['up', '--engine', 'memory', '--config', config, '--socket', directory.socket];
      await using vipr = new ViprProcess(words);
      await vipr.logs('control socket');
      assert.match(vipr.stderr, /vipr\.sock\.state is passed over: /);
      assert.match(readFileSync(state, 'utf8'), /"tcp 192\.0\.2\.10:80"/);
    }
  });
});

/** How many services and drains are read of a file, and how many lines are logged. */
function read(content: string | Uint8Array): [number, number, number] {
  using directory = new TestDirectory();
  const path = `${directory.socket}.state`;
  writeFileSync(path, content);
  const log = new RecordedLog();
  const { owned, drains } = new StateFile(path, ORIGIN, log.logger).read();
  return [owned.length, drains.length, log.take().length];
}
