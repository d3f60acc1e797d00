import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from './check.mjs';
import { checkout, ScriptError, say } from './checkout.mjs';
import { runChild } from './child.mjs';
import { provideTestPackages } from './test-packages.mjs';
import { summarize } from './test-summary.mjs';

const ALL = ['src/**/*.test.ts', 'test/**/*.test.ts'];
/** Test files at once: most wait more than they compute, and Node's own choice, one less than there are processors, leaves one idle. */
const FILES = Math.max(2, availableParallelism() - 1);
/** Milliseconds a single test may take unless it says otherwise itself. */
const TEST_LIMIT = 120_000;
/** Milliseconds without news from any test after which the run counts as hanging; .ci/run has 25 minutes in all. */
const SILENCE_LIMIT = 240_000;

/**
 * The whole test run: the checks, then the tests. Paths (files, folders, globs) narrow it to those tests, without the
 * checks; flags go to `node --test`. Resolves to the exit code: 0 only where tests ran and nothing failed.
 */
export async function test(runtime, args) {
  const flags = args.filter((arg) => arg.startsWith('-'));
  const paths = args.filter((arg) => !arg.startsWith('-'));
  if (args.length === 0) provideTestPackages();
  const failedChecks = args.length === 0 ? await check(runtime) : undefined;
  const directory = mkdtempSync(join(tmpdir(), 'vipr-test-'));
  try {
    const record = join(directory, 'record');
    const code = await runTests(
      runtime,
      [...flags, ...(paths.length > 0 ? paths.map(pattern) : ALL)],
      record,
    );
    const lines = existsSync(record) ? readFileSync(record, 'utf8').split('\n') : [];
    return summarize({ lines, code, failedChecks });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runTests({ node, env }, args, record) {
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${checkout}/scripts/skip-reporter.mjs`, `--test-reporter-destination=${record}`],
  ];
  let watch;
  try {
    return await runChild(
      node,
      ['--test', `--test-timeout=${TEST_LIMIT}`, `--test-concurrency=${FILES}`, ...reporters, ...args],
      {
        cwd: checkout,
        env,
        onSpawn: (child) => {
          watch = endWhenSilent(child, record);
        },
      },
    );
  } finally {
    clearInterval(watch);
  }
}

function endWhenSilent(child, record) {
  const started = Date.now();
  return setInterval(() => {
    const heard = statSync(record, { throwIfNoEntry: false })?.mtimeMs ?? started;
    const silent = Date.now() - heard;
    if (silent > SILENCE_LIMIT + 10_000) child.kill('SIGKILL');
    else if (silent > SILENCE_LIMIT && child.exitCode === null) {
      say(
        `no test has reported for ${SILENCE_LIMIT / 1000} s: ending the run (does a test leave something open?)`,
      );
      child.kill('SIGTERM');
    }
  }, 5_000);
}

function pattern(path) {
  const stats = statSync(join(checkout, path), { throwIfNoEntry: false });
  if (stats === undefined && !/[*?[{]/.test(path))
    throw new ScriptError(`${path} does not exist in ${checkout}`);
  return stats?.isDirectory() ? `${path.replace(/\/$/, '')}/**/*.test.ts` : path;
}
