import { dirname, relative, resolve } from 'node:path';
import { checkout } from './checkout.mjs';

/**
 * Prints what ran, what was skipped and why, and returns the exit code of the run.
 * @param {{ lines: string[], code: number, failedChecks: string[] | undefined }} outcome `lines` as skip-reporter.mjs
 *   writes them, `code` of `node --test`, `failedChecks` undefined where the checks were left out.
 */
export function summarize({ lines, code, failedChecks }) {
  const records = lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  const interrupted = records.flatMap((record) => record.interrupted ?? []);
  const reports = records.filter((record) => record.interrupted === undefined);
  // node:test reports a file that holds no test as a test of that name.
  const empty = reports.filter(({ file, name, passed }) => passed && file === resolve(checkout, name));
  const tests = reports.filter((report) => (!report.suite || isSet(report.skip)) && !empty.includes(report));
  const skipped = tests.filter(({ skip, todo }) => isSet(skip) || isSet(todo));
  const ran = tests.filter((test) => !skipped.includes(test));
  const failed = ran.filter(({ passed }) => !passed);
  const unexplained = skipped.filter(({ skip }) => typeof skip !== 'string' || skip === '');

  print('');
  print('What ran');
  print(`  checks: ${failedChecks === undefined ? 'left out of a narrowed run' : 'lint, format, types'}`);
  for (const [folder, group] of byFolder(ran)) {
    const files = new Set(group.map(({ file }) => file)).size;
    print(`  ${folder}: ${count(group.length, 'test')} in ${count(files, 'file')}`);
  }
  print('What was skipped, and why');
  if (skipped.length === 0) print('  nothing');
  for (const test of skipped) print(`  ${place(test)}: ${reason(test)}`);
  if (failed.length > 0) print('What failed');
  for (const test of failed) {
    print(`  ${place(test)}`);
    for (const line of (test.why ?? '').split('\n')) print(`    ${line}`);
  }

  const faults = [
    ...(failedChecks ?? []).map((name) => `check failed: ${name}`),
    ...(failed.length > 0 ? [`${count(failed.length, 'test')} failed`] : []),
    ...(ran.length === 0 ? ['no test ran'] : []),
    ...(unexplained.length > 0 ? [`${count(unexplained.length, 'test')} skipped without a reason`] : []),
    ...interrupted.map((file) => `interrupted in ${relative(checkout, file)}, what comes after did not run`),
    ...empty.map(({ name }) => `${name} holds no test`),
    ...(code !== 0 && failed.length === 0 ? [`node --test ended with exit code ${code}`] : []),
  ];
  print('');
  print(`# pass ${ran.length - failed.length}`);
  print(`# fail ${failed.length}`);
  print(`# skipped ${skipped.length}`);
  print(faults.length === 0 ? 'All passed.' : `NOT PASSED: ${faults.join('; ')}.`);
  if (faults.length === 0) return 0;
  return code === 0 ? 1 : code;
}

function byFolder(tests) {
  const folders = new Map();
  for (const test of tests) {
    const folder = dirname(fileOf(test));
    folders.set(folder, [...(folders.get(folder) ?? []), test]);
  }
  return [...folders].sort(([one], [other]) => (one < other ? -1 : 1));
}

function reason({ skip, todo }) {
  if (isSet(todo)) return typeof todo === 'string' && todo !== '' ? `to do: ${todo}` : 'to do';
  return typeof skip === 'string' && skip !== '' ? skip : 'NO REASON GIVEN';
}

function isSet(mark) {
  return mark !== undefined && mark !== false;
}

function place(test) {
  return `${fileOf(test)} › ${test.name}`;
}

function fileOf({ file }) {
  return file === undefined ? '(no file)' : relative(checkout, file);
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
