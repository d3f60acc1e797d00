import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runVipr } from '../../src/commands/run-vipr.ts';
import { TestDirectory } from '../../src/commands/vipr-process.ts';
import { UNIT_PATH, unitSetting } from './unit-file.ts';

const skip =
  spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd-analyze of systemd is missing';
/** What `systemd-analyze security` may find, from 0 to 10. */
const MOST_EXPOSURE = 3.2;

/** Runs systemd-analyze on the unit, with a program that is there in the place of vipr. */
function analyse(directory: TestDirectory, ...words: readonly string[]) {
  const unit = readFileSync(UNIT_PATH, 'utf8').replaceAll(/^(Exec\w+=)vipr/gm, '$1/bin/true');
  const path = directory.write('vipr.service', unit);
  return spawnSync('systemd-analyze', ['--no-pager', ...words, path], { encoding: 'utf8' });
}

describe('systemd/vipr.service', () => {
  it('is understood by systemd to the word', { skip }, () => {
    using directory = new TestDirectory();
    const { status, stdout, stderr } = analyse(directory, 'verify', '--man=no');
    assert.deepEqual({ status, output: stdout + stderr }, { status: 0, output: '' });
  });

  it('leaves little open', { skip }, () => {
    using directory = new TestDirectory();
    const { stdout, stderr } = analyse(directory, 'security', '--offline=true');
    const exposure = Number(/exposure level for vipr\.service: ([\d.]+)/.exec(stdout)?.[1]);
    assert.ok(exposure <= MOST_EXPOSURE, `${exposure}\n${stdout}${stderr}`);
  });

  for (const name of ['ExecStart', 'ExecReload']) {
    it(`has options in ${name}= that there are`, async () => {
      const [program, ...args] = unitSetting(name).split(' ');
      assert.equal(program, 'vipr');
      let text = '';
      const stdout = (piece: string) => {
        text += piece;
      };
      assert.equal(await runVipr([args[0] ?? '', '--help'], { env: {}, stdout, stderr: stdout }), 0);
      for (const option of args.filter((word) => word.startsWith('--')))
        assert.ok(text.includes(`${option} <`), option);
    });
  }

  it('keeps the socket where vipr looks for it', () => {
    const socket = join('/run', unitSetting('RuntimeDirectory'), 'vipr.sock');
    for (const name of ['ExecStart', 'ExecReload'])
      assert.ok(unitSetting(name).endsWith(`--socket ${socket}`));
  });
});
