import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TerminalEmulator } from '../../../test/terminal/terminal-emulator.ts';
import { VRRP } from '../../api/fake-high-availability.ts';
import type { ServiceKey } from '../../model/service.ts';
import { NO_VRRP, type VrrpStatus } from '../../model/vrrp-status.ts';
import { rowsOf } from './row.ts';
import type { Sample } from './sample.ts';
import { HEALTH, sampleOfTraffic } from './sample-of-traffic.ts';
import { drawScreen } from './screen.ts';
import { ScreenWriter } from './screen-writer.ts';
import { FIRST_VIEW, type View } from './view.ts';

/** The screen of a terminal after two looks, two seconds apart. */
async function screenOf(
  columns: number,
  rows: number,
  view: Partial<View> = {},
  { failure, ...sample }: Partial<Sample> & { readonly failure?: string } = {},
) {
  const before = await sampleOfTraffic(0, sample);
  const after = await sampleOfTraffic(2, sample);
  const picture = {
    sample: after,
    rows: rowsOf(after, before),
    interval: 2000,
    ...(failure !== undefined && { failure }),
  };
  const terminal = new TerminalEmulator(rows, columns);
  const size = { columns, rows };
  new ScreenWriter((text) => terminal.write(text), true).draw(
    drawScreen(picture, { ...FIRST_VIEW, ...view }, size),
    size,
  );
  return terminal;
}

async function linesOf(...args: Parameters<typeof screenOf>): Promise<string[]> {
  return (await screenOf(...args)).text().split('\n');
}

describe('the screen of vipr top', () => {
  test('at 80 columns long names are cut in the middle, and ports stay', async () => {
    const lines = await linesOf(80, 24, {}, { health: HEALTH });
    assert.equal(
      lines.slice(0, 11).join('\n'),
      `vipr top: engine memory, services 3, destinations 5, every 2 s          03:04:07
total active 41 inactive 49.4k  con/s 600  p/s > 6.0k < 4.8k  B/s > 600k < 18.0M
service / destination      state  wght activ inact con/s  p/s>  p/s<  B/s>  B/s<
udp [2001:db8…234:5678]:53                20 12.3k   300  3.0k  2.4k  300k  9.0M
  [2001:db8:a…:ffff]:65535           1    20 12.3k   150  1.5k  1.2k  150k  4.5M
tcp 192.0.2.10:80             up          21 24.7k   200  2.0k  1.6k  200k  6.0M
  10.0.0.11:80                up     3    11 12.3k   200  2.0k  1.6k  200k  6.0M
  10.0.0.9:80              drain     0    10 12.3k   100  1.0k   800  100k  3.0M
  10.0.0.10:80              DOWN     0     0     0     0     0     0     0     0
fwmark 4294967295 inet                     0 12.3k   100  1.0k   800  100k  3.0M
  192.168.100.200:65535           2.1G     0 12.3k    50   500   400 50.0k  1.5M`,
    );
    assert.equal(lines[23], 'by connections/s  q quit  c p b a n sort  / filter  space pause  arrows scroll');
    assert.equal(lines.length, 24);
  });

  test('at 120 columns IPv6 addresses are whole', async () => {
    const [, , , service, destination] = await linesOf(120, 40);
    assert.equal(
      service,
      'udp [2001:db8:1234:5678:9abc:def0:1234:5678]:53                 20 12.3k   300  3.0k  2.4k  300k  9.0M',
    );
    assert.ok(destination?.startsWith('  [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535 '));
  });

  for (const [columns, rows] of [
    [50, 10],
    [30, 5],
    [10, 4],
    [1, 1],
    [300, 100],
  ] as const) {
    test(`${columns}x${rows} is enough for something`, async () => {
      const lines = await linesOf(columns, rows, {}, { health: HEALTH });
      assert.equal(lines.length, rows);
      assert.ok(lines[0] !== '');
    });
  }

  test('the head line tells of VRRP where there is some and it has room', async () => {
    const [first] = VRRP.instances;
    const same = { ...VRRP, instances: first === undefined ? [] : [first, first] };
    const head = async (columns: number, vrrp: VrrpStatus) =>
      (await linesOf(columns, 24, {}, { vrrp }))[0] ?? '';
    const clock = String.raw` +\d\d:\d\d:\d\d$`;
    for (const [columns, vrrp, tail] of [
      [100, VRRP, 'VRRP fault 1 of 2, every 2 s'],
      [80, VRRP, 'VRRP fault 1 of 2'],
      [100, same, 'VRRP master, every 2 s'],
      [80, same, 'VRRP master'],
      [72, same, 'every 2 s'],
      [100, NO_VRRP, 'every 2 s'],
    ] as const) {
      assert.match(await head(columns, vrrp), new RegExp(`, destinations \\d+, ${tail}${clock}`));
    }
  });

  test('rows that have no room are scrolled to', async () => {
    const lines = await linesOf(80, 7, { offset: 2 });
    assert.match(lines[3] ?? '', /^tcp 192\.0\.2\.10:80 /);
    assert.match(lines[6] ?? '', / 3-5 of 7$/);
    assert.match((await linesOf(80, 7, { offset: 99 }))[6] ?? '', / 5-7 of 7$/);
  });

  test('what fails stands out, a fault before health', async () => {
    const faults = new Map([['tcp 192.0.2.10:80' as ServiceKey, 'the address is not local']]);
    const terminal = await screenOf(
      80,
      24,
      {},
      { health: HEALTH, faults, failure: 'No director\nis running' },
    );
    const lines = terminal.text().split('\n');
    assert.equal(lines[1], 'No director is running');
    assert.match(lines[5] ?? '', /^tcp 192\.0\.2\.10:80 +FAULT /);
    assert.deepEqual(
      [1, 2, 3, 5, 6, 8].map((row) => terminal.attributesOf(row)),
      ['1;31', '7', '1', '1;31', '', '1;31'],
    );
  });

  test('the last line tells the order, the filter, and what is being typed', async () => {
    const last = async (view: Partial<View>) => (await linesOf(80, 24, view)).at(-1) ?? '';
    assert.match(await last({ order: 'name', filter: 'web', paused: true }), /^PAUSED, by name, filter web /);
    assert.match(await last({ typing: true, filter: 'we' }), /^filter: we_ /);
  });

  test('a filter that fits nothing is told', async () => {
    assert.equal((await linesOf(80, 24, { filter: 'web' }))[3], 'nothing contains web');
  });

  test('before there are two looks, the engine tells the rates', async () => {
    const sample = await sampleOfTraffic(2);
    assert.equal(rowsOf(sample)[0]?.traffic.connections, 7);
  });

  test('counters that were set back stand still', async () => {
    const { connections, inBytes } =
      rowsOf(await sampleOfTraffic(1), await sampleOfTraffic(0.5))[0]?.traffic ?? {};
    assert.deepEqual([connections, inBytes], [100, 100_000]);
    const back = rowsOf({ ...(await sampleOfTraffic(0)), at: 99_000 }, await sampleOfTraffic(2))[0]?.traffic;
    assert.equal(back?.connections, 0);
  });
});

test('only lines that differ are written; without colours there are none', () => {
  const written: string[] = [];
  const writer = new ScreenWriter((text) => void written.push(text), false);
  const size = { columns: 10, rows: 3 };
  writer.draw(
    [
      { text: 'a', style: 'bad' },
      { text: 'b', style: 'plain' },
    ],
    size,
  );
  writer.draw(
    [
      { text: 'a', style: 'bad' },
      { text: 'c', style: 'plain' },
    ],
    size,
  );
  writer.draw(
    [
      { text: 'a', style: 'bad' },
      { text: 'c', style: 'plain' },
    ],
    size,
  );
  assert.equal(written.length, 2);
  assert.equal(written[1], '\u001b[2;1H\u001b[0m\u001b[2Kc');
  assert.ok(!written.join('').includes('[1;31m'));
});
