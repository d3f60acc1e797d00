import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { configArbitrary } from '../../test/config/config-arbitrary.ts';
import { destinationOn, serviceOn, settings } from '../../test/engine/sample-table.ts';
import { tableArbitrary } from '../../test/engine/table-arbitrary.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { diffTables } from '../model/diff.ts';
import { DEFAULT_TIMEOUTS, type Table } from '../model/table.ts';
import type { Port, Seconds } from '../model/unit.ts';
import { formatConfig, inFileOrder } from './format-config.ts';
import { parseConfig } from './load-config.ts';

describe('formatConfig', () => {
  test('writes what parseConfig reads back', () => {
    fc.assert(
      fc.property(tableArbitrary(), (table) => {
        assert.deepEqual(parseConfig(formatConfig({ table }), 'saved').table, table);
      }),
      { numRuns: 300 },
    );
  });

  test('writes everything that parseConfig reads back', () => {
    fc.assert(
      fc.property(configArbitrary(), (config) => {
        const { warnings, source, ...read } = parseConfig(formatConfig(config), 'saved');
        assert.deepEqual(read, config);
        assert.deepEqual(warnings, []);
      }),
      { numRuns: 300 },
    );
  });

  test('leads from a live table to the same one in another engine, in the same order', async () => {
    await fc.assert(
      fc.asyncProperty(tableArbitrary(), async (table) => {
        const before = await (await holding(table)).snapshot();
        const text = formatConfig({ table: inFileOrder(before) });
        const after = await (await holding(parseConfig(text, 'saved').table)).snapshot();
        assert.deepEqual(after, before);
      }),
      { numRuns: 200 },
    );
  });

  test('leaves out what has its default', () => {
    const id = serviceOn('192.0.2.10');
    const services = [{ id, ...settings(), destinations: [destinationOn('10.0.0.1')] }];
    assert.equal(
      formatConfig({ table: { services, timeouts: zero } }, ['saved', '']),
      `# saved
#
services:
  - service: tcp 192.0.2.10:80
    scheduler: rr
    destinations:
      - { address: 10.0.0.1:80, method: masquerade, weight: 1 }
`,
    );
    assert.equal(formatConfig({ table: { services: [], timeouts: zero } }), 'services: []\n');
  });

  test('quotes names that YAML would read as something else', () => {
    for (const scheduler of ['true', 'null', '12', '0x1', '#a', 'a:', '"', '~', '1e3', 'Wlc']) {
      const services = [{ id: serviceOn('192.0.2.10'), ...settings({ scheduler }), destinations: [] }];
      const { table } = parseConfig(formatConfig({ table: { services, timeouts: zero } }), 'saved');
      assert.equal(table.services[0]?.scheduler, scheduler);
    }
  });

  test('writes what no file can hold so that reading tells it', () => {
    const destinations = [destinationOn('10.0.0.1', { forwarding: 'direct', port: 8080 as Port })];
    const services = [{ id: serviceOn('192.0.2.10'), ...settings(), destinations }];
    assert.throws(() => parseConfig(formatConfig({ table: { services, timeouts: zero } }), 'saved'), {
      code: 'CONFIG_INVALID',
      message: /services\[0\]\.destinations\[0\]\.address: must have the service's port/,
    });
  });
});

const KEEP = 0 as Seconds;
const zero = { tcp: KEEP, tcpfin: KEEP, udp: KEEP };

async function holding(table: Table): Promise<MemoryEngine> {
  const engine = new MemoryEngine();
  const outcomes = await engine.execute(diffTables({ services: [], timeouts: DEFAULT_TIMEOUTS }, table));
  assert.deepEqual(
    outcomes.filter((outcome) => outcome !== undefined),
    [],
  );
  return engine;
}
