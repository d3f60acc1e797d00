import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname } from 'node:path';
import { checkout, ScriptError, say } from './checkout.mjs';
import { runChild } from './child.mjs';

/**
 * Runs `npm ci` where node_modules is missing or holds other versions than package-lock.json names. Without install
 * scripts the packages work too, all but `node`: they bring prebuilt binaries.
 */
export async function ensureDependencies(env, { runScripts }) {
  const reason = whatIsMissing();
  if (reason === undefined) return;
  say(`${reason}: running npm ci`);
  const scripts = runScripts ? [] : ['--ignore-scripts'];
  const code = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', ...scripts], env);
  if (code !== 0) throw new ScriptError(`npm ci failed (exit code ${code}); its messages are above`);
  const still = whatIsMissing();
  if (still !== undefined) throw new ScriptError(`npm ci ended well, and yet ${still}`);
}

/** Why dependencies have to be installed, or undefined where they need not be. */
export function whatIsMissing() {
  const installed = packagesOf('node_modules/.package-lock.json');
  if (installed === undefined) return 'node_modules is missing';
  for (const [path, wanted] of Object.entries(packagesOf('package-lock.json') ?? {})) {
    // Packages for other systems than this one are optional, and rightly absent.
    if (path === '' || wanted.optional || wanted.devOptional) continue;
    const found = installed[path];
    if (found?.version !== wanted.version || !existsSync(`${checkout}/${path}/package.json`)) {
      return `${path} is not the version ${wanted.version} that package-lock.json names`;
    }
  }
  return undefined;
}

/** Runs npm on the Node.js of this process: the `node` that npm puts first in PATH is the pinned one, which may not start. */
export function npm(args, env) {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && basename(cli) === 'npm-cli.js') {
    return runChild(process.execPath, [cli, ...args], { cwd: checkout, env });
  }
  const path = [dirname(process.execPath), ...machinePath()].join(delimiter);
  return runChild('npm', args, { cwd: checkout, env: { ...env, PATH: path } });
}

/** PATH without the directories that npm prepends for scripts. */
export function machinePath() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '' && !directory.endsWith('/node_modules/.bin'));
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(`${checkout}/${file}`, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
