import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Benchmark, Measurement } from './benchmark.ts';
import { formatMeasurements } from './format-measurements.ts';
import { median, quantile } from './statistics.ts';

const RUNS = 30;
/** Runs before the ones that count: they fill the page cache and the compile cache. */
const WARM_UP_RUNS = 3;
const LIMIT = 1.5;
const CHECKOUT = resolve(import.meta.dirname, '..');
const IPVSADM = join(CHECKOUT, 'bin/ipvsadm');
const SERVICES = ['192.0.2.10:80', '192.0.2.10:443', '[2001:db8::10]:80'];
const ADDED = '192.0.2.11:80';

export const ipvsadmStartup: Benchmark = {
  name: 'ipvsadm-startup',
  description: `What one call of ipvsadm takes, against \`node -e 0\` on the same Node.js (${process.version}).`,
  async run() {
    const directory = mkdtempSync(join(tmpdir(), 'vipr-bench-'));
    const env = { ...process.env, VIPR_SOCKET: join(directory, 'vipr.sock') };
    const director = spawn(join(CHECKOUT, 'bin/vipr'), ['up', '--engine', 'memory', '--log-level', 'error'], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    try {
      await waitForDirector(director, env);
      for (const service of SERVICES) call(IPVSADM, ['-A', '-t', service, '-s', 'wlc'], env);
      return measure(env);
    } finally {
      await end(director);
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

interface Case {
  readonly name: string;
  readonly call: () => string;
  readonly expected: RegExp;
  /** Not timed. */
  readonly after?: () => void;
}

const BASE = 'node -e 0';

function measure(env: NodeJS.ProcessEnv): readonly Measurement[] {
  const cases: readonly Case[] = [
    { name: BASE, call: () => call(process.execPath, ['-e', '0'], env), expected: /^$/ },
    { name: 'ipvsadm --version', call: () => call(IPVSADM, ['--version'], env), expected: /^ipvsadm v/ },
    { name: 'ipvsadm -Ln', call: () => call(IPVSADM, ['-Ln'], env), expected: /TCP {2}192\.0\.2\.10:80 wlc/ },
    {
      name: 'ipvsadm -A',
      call: () => call(IPVSADM, ['-A', '-t', ADDED], env),
      expected: /^$/,
      after: () => void call(IPVSADM, ['-D', '-t', ADDED], env),
    },
  ];
  const times = new Map<string, number[]>(cases.map(({ name }) => [name, []]));
  for (let run = -WARM_UP_RUNS; run < RUNS; run++) {
    for (const { name, call, expected, after } of cases) {
      const start = performance.now();
      const output = call();
      const elapsed = performance.now() - start;
      assert.match(output, expected, name);
      after?.();
      if (run >= 0) times.get(name)?.push(elapsed);
    }
  }
  const base = median(times.get(BASE) ?? []);
  return [...times].map(([name, samples]) => ({
    name,
    value: median(samples),
    unit: 'ms',
    samples: samples.length,
    quartiles: [quantile(samples, 0.25), quantile(samples, 0.75)],
    ...(name !== BASE && { ratio: { to: BASE, value: median(samples) / base, limit: LIMIT } }),
  }));
}

function call(command: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(status, 0, `${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
}

async function waitForDirector(director: ChildProcess, env: NodeJS.ProcessEnv): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (spawnSync(IPVSADM, ['-Ln'], { env, timeout: 20_000 }).status !== 0) {
    assert.equal(director.exitCode, null, 'the director ended instead of starting');
    assert.ok(performance.now() < deadline, 'the director did not answer within 20 s');
    await sleep(50);
  }
}

/** Ends the one process that was started here; at once where it does not end of itself. */
async function end(director: ChildProcess): Promise<void> {
  if (director.exitCode !== null || director.signalCode !== null) return;
  const ended = once(director, 'exit');
  director.kill('SIGTERM');
  const timer = setTimeout(() => director.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

if (import.meta.main) {
  console.log(ipvsadmStartup.description);
  process.stdout.write(formatMeasurements(await ipvsadmStartup.run()));
}
