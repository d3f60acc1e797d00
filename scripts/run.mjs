// Behind `npm run demo`, `npm test`, `npm run check` and `npm run bench`: prepares the checkout, then runs the task on
// the pinned Node.js. It runs on Node.js 20 without dependencies, because it is what installs them.

import { build } from './bundle.mjs';
import { check } from './check.mjs';
import { checkout, ScriptError, say } from './checkout.mjs';
import { runChild } from './child.mjs';
import { provideDemoPackages } from './demo-packages.mjs';
import { ensureRuntime } from './runtime.mjs';
import { test } from './test.mjs';

const TASKS = {
  demo: (runtime, args) => {
    if (process.getuid?.() === 0) provideDemoPackages();
    return program(runtime, 'demo/demo.ts', args);
  },
  bench: (runtime, args) => program(runtime, 'bench/run.ts', args),
  check: async (runtime) => ((await check(runtime)).length === 0 ? 0 : 1),
  test,
};

function program({ node, env }, file, args) {
  return runChild(node, [`${checkout}/${file}`, ...args], { env });
}

const [name = '', ...args] = process.argv.slice(2);
try {
  const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
  if (task === undefined)
    throw new ScriptError(`usage: node scripts/run.mjs ${Object.keys(TASKS).join('|')} [argument ...]`);
  const runtime = await ensureRuntime();
  await build();
  process.exitCode = await task(runtime, args);
} catch (error) {
  if (!(error instanceof ScriptError)) throw error;
  say(error.message);
  process.exitCode = 2;
}
