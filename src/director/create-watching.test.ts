import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../config/load-config.ts';
import { createWatching } from './create-watching.ts';
import { RecordedLog } from './recorded-log.ts';

const skip = process.geteuid?.() !== 0 && 'only root runs scripts as root';

test('what a configuration says of scripts holds for checks, and risky ones are told', {
  skip,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vipr-watching-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const script = join(folder, 'check');
  writeFileSync(script, '#!/bin/sh\nexit 0\n');
  await chmod(script, 0o777);
  const config = (security: string) =>
    parseConfig(
      `script-security: ${security}
services:
  - service: tcp 192.0.2.10:80
    checks: [{ type: misc, command: ${script}, warmup: 0s, interval: 1s }]
    destinations: [{ address: 10.0.0.11:80 }]
`,
      'vipr.yaml',
    );

  const log = new RecordedLog();
  const watching = createWatching(log.logger, () => undefined);
  t.after(() => watching.notifier.close());
  const changed = Promise.withResolvers<void>();
  const monitor = watching.health({ onEvent: () => undefined, onChange: () => changed.resolve() });
  t.after(() => monitor.close());
  const { table, monitoring, ...rest } = config('refuse');
  watching.adopt({ monitoring, ...rest });
  monitor.watch(table, monitoring);
  await changed.promise;
  const check = monitor.health()[0]?.destinations[0]?.checks[0];
  assert.equal(check?.detail, `not started: ${script} can be written by everybody, and it would run as root`);
  // The file is looked at for the log on its own, which may take longer than the check.
  let told = '';
  for (let tries = 0; tries < 500 && told === ''; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    told = log.take().join('\n');
  }
  assert.match(told, new RegExp(`script ${script} is not run as root: .*everybody; let it`));
});
