import { checkout, say } from './checkout.mjs';
import { runChild } from './child.mjs';

/** Biome colours every character of its output even where nobody sees it. */
const COLORS = process.stdout.isTTY ? [] : ['--colors=off'];

const CHECKS = [
  {
    name: 'Biome (lint and format)',
    args: ['@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', ...COLORS],
  },
  { name: 'TypeScript (types)', args: ['typescript/bin/tsc', '-p', '.'] },
];

/** Runs all checks, also after one failed; resolves to the names of those that failed. */
export async function check({ node, env }) {
  const failed = [];
  for (const { name, args } of CHECKS) {
    say(`check: ${name}`);
    const [program, ...rest] = args;
    const code = await runChild(node, [`${checkout}/node_modules/${program}`, ...rest], {
      cwd: checkout,
      env,
    });
    if (code !== 0) failed.push(name);
  }
  return failed;
}
