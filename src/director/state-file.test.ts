import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { destinationOn, serviceOn, serviceOnMark } from '../../test/engine/sample-table.ts';
import { serviceKey } from '../model/service.ts';
import type { DirectorState, DrainRecord } from './director-state.ts';
import { RecordedLog } from './recorded-log.ts';
import { StateFile } from './state-file.ts';

const ORIGIN = { engine: 'ebpf', boot: 'this one' } as const;
const STATE: DirectorState = {
  owned: [serviceKey(serviceOn('192.0.2.10')), serviceKey(serviceOnMark(3, 'inet6'))],
  drains: [
    {
      service: serviceOn('2001:db8::10', 53, 'udp'),
      destination: destinationOn('2001:db8::1', { proxyProtocol: 'v2' }),
      ...followedBy('remove'),
      startedAt: 1_700_000_000_000,
      deadlineAt: 1_700_000_300_000,
      connectionsAtStart: 12,
      state: 'draining',
    },
    {
      service: serviceOn('192.0.2.10'),
      destination: destinationOn('10.0.0.1'),
      ...followedBy('leave'),
      startedAt: 0,
      connectionsAtStart: 0,
      state: 'expired',
    },
  ],
};

function followedBy(then: DrainRecord['then']): Pick<DrainRecord, 'then'> {
  return { then };
}

function bench(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-state-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const log = new RecordedLog();
  const path = join(directory, 'vipr.sock.state');
  const file = (origin: ConstructorParameters<typeof StateFile>[1] = ORIGIN) =>
    new StateFile(path, origin, log.logger);
  return { directory, path, file, log };
}

test('what was written is read, in a file for its owner alone', (t) => {
  const { file, path, log, directory } = bench(t);
  assert.deepEqual(file().read(), { owned: [], drains: [] });
  file().write(STATE);
  assert.deepEqual(file().read(), STATE);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual([readdirSync(directory), log.take()], [['vipr.sock.state'], []]);
});

test('of another engine only drains count, of an earlier start of the system nothing', (t) => {
  const { file } = bench(t);
  file().write(STATE);
  assert.deepEqual(file({ ...ORIGIN, engine: 'ipvs' }).read(), { ...STATE, owned: [] });
  assert.deepEqual(file({ ...ORIGIN, boot: 'the next one' }).read(), { owned: [], drains: [] });
});

test('what no director has written is passed over, and told', (t) => {
  const { file, path, log } = bench(t);
  file().write(STATE);
  const good = readFileSync(path, 'utf8');
  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /JSON/],
    [good.slice(0, good.length / 2), /JSON/],
    ['null', /the file is no object/],
    [good.replace('"version": 1', '"version": 2'), /version is not 1/],
    [good.replace('tcp 192.0.2.10:80', 'tcp 192.0.2.10'), /names no service/],
    [good.replace('"weight": 1', '"weight": -1'), /weight is no whole number/],
    [good.replace('"leave"', '"linger"'), /then is not one of remove, leave/],
    [good.replace('"10.0.0.1"', '"10.0.0"'), /address is none/],
  ];
  for (const [text, message] of bad) {
    writeFileSync(path, text);
    assert.deepEqual(file().read(), { owned: [], drains: [] });
    const [line, ...others] = log.take();
    assert.match(line ?? '', message);
    assert.deepEqual(others, []);
  }
});

test('a failure to write is told once, leaves the old file, and ends nothing', (t) => {
  const { file, path, log } = bench(t);
  const keeper = file();
  keeper.write(STATE);
  // What cannot be opened for writing, whoever asks.
  mkdirSync(`${path}.new`);
  keeper.write({ ...STATE, drains: [] });
  keeper.write({ ...STATE, drains: [] });
  assert.equal(log.take().length, 1);
  assert.deepEqual(file().read(), STATE);
  keeper.retry();
  assert.deepEqual(log.take(), []);
  rmSync(`${path}.new`, { recursive: true });
  keeper.retry();
  assert.deepEqual([file().read().drains, log.take()], [[], []]);
  assert.equal(existsSync(`${path}.new`), false);
});

test('what has not changed is not written again', (t) => {
  const { file, path } = bench(t);
  const keeper = file();
  keeper.write(STATE);
  chmodSync(path, 0o400);
  keeper.write(STATE);
  assert.equal(statSync(path).mode & 0o777, 0o400);
});
