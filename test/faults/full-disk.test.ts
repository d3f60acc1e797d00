import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { DirectorClient } from '../../src/api/client.ts';
import { serviceOn, settings } from '../engine/sample-table.ts';
import type { Program } from '../netns/lab/program.ts';
import { noSmallDisk, SmallDisk } from './fixture/small-disk.ts';
import { until } from './fixture/until.ts';

const CONFIG = `services:
  - service: tcp 192.0.2.10:80
    destinations: [{ address: 10.0.0.1:80 }, { address: 10.0.0.2:80 }]
`;
const KEEPALIVED = `virtual_server 192.0.2.10 80 {
  protocol TCP
  real_server 10.0.0.1 80 { }
}
`;

const skip = noSmallDisk() ?? false;

describe('a full disk', { skip }, () => {
  test('the state file stays whole, it is told once, and written when there is room', async () => {
    await using disk = await SmallDisk.open();
    const director = await up(disk);
    await disk.run('vipr drain 10.0.0.1:80 --no-wait');
    const before = stateOf(disk);
    assert.match(before, /10\.0\.0\.1/);
    await disk.fill();
    const drained = await disk.run('vipr drain 10.0.0.2:80 --no-wait');
    assert.deepEqual([drained.code, drained.stderr], [0, '']);
    await disk.run('vipr reload');
    assert.equal(stateOf(disk), before);
    assert.deepEqual(
      director.stderr.match(/not remembered beyond the end of the director: ENOSPC/g)?.length,
      1,
    );
    assert.deepEqual(filesOf(disk), ['filler', 'vipr.sock', 'vipr.sock.state', 'vipr.yaml']);
    await disk.empty();
    await until(
      () => stateOf(disk).includes('10.0.0.2'),
      () => director.stderr,
    );
  });

  test('a director starts, takes changes and ends', async () => {
    await using disk = await SmallDisk.open();
    writeFileSync(disk.outside('vipr.yaml'), CONFIG);
    await disk.fill();
    const director = await started(disk.start('vipr up --engine memory --config vipr.yaml'));
    const added = await disk.run('vipr ipvsadm -A -u 192.0.2.10:53');
    assert.deepEqual([added.code, added.stderr], [0, '']);
    const reloaded = await disk.run('vipr reload');
    assert.deepEqual(reloaded, { code: 0, stdout: 'nothing was to change\n', stderr: '' });
    assert.equal((await director.stop('SIGTERM', 10_000)).code, 0);
  });

  test('vipr save and vipr convert fail with the reason, and what was there is as it was', async () => {
    await using disk = await SmallDisk.open();
    await up(disk);
    writeFileSync(disk.outside('keepalived.conf'), KEEPALIVED);
    writeFileSync(disk.outside('saved.yaml'), 'what was there\n');
    await disk.fill();
    const before = filesOf(disk);
    for (const command of ['vipr save saved.yaml', 'vipr convert keepalived.conf -o saved.yaml']) {
      const { code, stdout, stderr } = await disk.run(command);
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, /^vipr: saved\.yaml cannot be written: ENOSPC: no space left on device/);
      assert.match(stderr, /what was there is as it was/);
    }
    assert.equal(readFileSync(disk.outside('saved.yaml'), 'utf8'), 'what was there\n');
    assert.deepEqual(filesOf(disk), before);
  });

  test('a log on it loses lines, ends nothing, and tells how many when there is room', async () => {
    await using disk = await SmallDisk.open();
    writeFileSync(disk.outside('vipr.yaml'), CONFIG);
    const director = disk.start('vipr up --engine memory --config vipr.yaml 2>log');
    const file = disk.outside('log');
    const log = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
    await until(() => director.isOver || log().includes('control socket'), log);
    await disk.fill();
    const client = new DirectorClient(disk.outside('vipr.sock'));
    const add = (port: number) => {
      return client.execute([
        { kind: 'add-service', service: serviceOn('192.0.2.11', port), settings: settings() },
      ]);
    };
    // The last page of the file has room yet.
    for (let port = 1; port <= 100; port++) assert.deepEqual(await add(port), [undefined]);
    await disk.empty();
    assert.deepEqual(await add(101), [undefined]);
    await client.close();
    await until(() => /lines of the log that could not be written: [1-9]/.test(log()), log);
    assert.equal((await director.stop('SIGTERM', 10_000)).code, 0);
    const lines = log().trim().split('\n');
    const whole = lines.filter((line) => line.startsWith('{') && line.endsWith('}'));
    assert.ok(lines.length - whole.length <= 1, 'at most the line is torn at which the disk was full');
    for (const line of whole) JSON.parse(line);
  });
});

async function up(disk: SmallDisk): Promise<Program> {
  writeFileSync(disk.outside('vipr.yaml'), CONFIG);
  return started(disk.start('vipr up --engine memory --config vipr.yaml'));
}

async function started(director: Program): Promise<Program> {
  await until(
    () => director.isOver || director.stderr.includes('control socket'),
    () => director.stderr,
  );
  assert.ok(!director.isOver, director.stderr);
  return director;
}

function stateOf(disk: SmallDisk): string {
  return readFileSync(disk.outside('vipr.sock.state'), 'utf8');
}

function filesOf(disk: SmallDisk): string[] {
  return readdirSync(disk.outside('')).sort();
}
