import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { CHECKOUT, sourceFiles } from './source-file.ts';

const DIST = join(CHECKOUT, 'dist');
const IPVSADM = ['ipvsadm.cjs', 'ipvsadm-save.cjs', 'ipvsadm-restore.cjs'];
const skip = existsSync(join(DIST, 'vipr.js')) ? false : 'dist/ is not built (npm run build builds it)';

describe('the bundles', { skip }, () => {
  it('of ipvsadm are whole in themselves: one file to load', () => {
    for (const file of IPVSADM)
      assert.doesNotMatch(readFileSync(join(DIST, file), 'utf8'), /^(import|export)\b.*from/m, file);
  });

  it('lie beside the threads that they start', () => {
    const threads = sourceFiles('src/engines').filter(({ path }) => path.endsWith('-thread.ts'));
    assert.notEqual(threads.length, 0);
    for (const { path } of threads) assert.ok(existsSync(join(DIST, `${basename(path, '.ts')}.js`)), path);
  });

  it('tell an old Node.js what they need', (t) => {
    const old = oldNode();
    if (old === undefined) return t.skip('this machine has no Node.js older than 26');
    for (const file of [...IPVSADM, 'vipr.js']) {
      const result: SpawnSyncReturns<string> = spawnSync(old, [join(DIST, file), '--version'], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      assert.equal(result.status, 2, file);
      assert.match(result.stderr, /^vipr needs Node\.js \d+ or newer; \S+ is v\d+\.\d+\.\d+\n$/, file);
    }
  });

  it('are all packed, with the commands, and nothing that only a checkout needs', (t) => {
    const pack = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: CHECKOUT,
      encoding: 'utf8',
      timeout: 50_000,
    });
    if (pack.error !== undefined) return t.skip(`npm cannot be run: ${pack.error.message}`);
    assert.equal(pack.status, 0, pack.stderr);
    const [{ files }] = JSON.parse(pack.stdout) as [{ files: readonly { path: string }[] }];
    const packed = files.map(({ path }) => path);
    const bundles = readdirSync(DIST).filter((name) => /\.c?js$/.test(name));
    const commands = readdirSync(join(CHECKOUT, 'bin'));
    for (const path of [...bundles.map((name) => `dist/${name}`), ...commands.map((name) => `bin/${name}`)]) {
      assert.ok(packed.includes(path), `${path} is not packed`);
    }
    assert.deepEqual(
      packed.filter((path) => /^(src|test|scripts|bench|\.)|compile-cache/.test(path)),
      [],
    );
  });
});

/** A Node.js of this machine that `engines` does not allow. */
function oldNode(): string | undefined {
  return [process.env.npm_node_execpath, '/usr/bin/node', '/usr/local/bin/node'].find((path) => {
    if (path === undefined || !existsSync(path)) return false;
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
    return status === 0 && Number.parseInt(stdout.slice(1), 10) < 26;
  });
}
