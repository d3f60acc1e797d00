import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { cacheDirectory, checkout, ScriptError, say } from './checkout.mjs';
import { ensureDependencies, machinePath, npm } from './dependencies.mjs';
import { hasLibatomic, LIBATOMIC_COMMAND, provideLibatomic, withLibatomic } from './libatomic.mjs';

const pinned = `${checkout}/node_modules/node/bin/node`;
/** bin/launch.sh prefers this link; it exists only where the pinned Node.js does not start. */
const substitute = `${cacheDirectory}/node`;

/**
 * Installs what is missing and finds the Node.js to run the checkout on: the pinned one, else a new enough one of the
 * machine. Returns its path and the environment to start it in.
 * @returns {Promise<{ node: string, env: NodeJS.ProcessEnv }>}
 */
export async function ensureRuntime() {
  const lacksLibatomic = ensureLibatomic();
  const env = withLibatomic(process.env);
  await ensureDependencies(env, { runScripts: !lacksLibatomic });
  if (!existsSync(pinned) && !lacksLibatomic) {
    say('the pinned Node.js is not there (install scripts are switched off?): running npm rebuild node');
    await npm(['rebuild', 'node', '--ignore-scripts=false', '--foreground-scripts'], env);
  }
  const problem = problemOf(pinned, env);
  if (problem === undefined) {
    rmSync(substitute, { force: true });
    return { node: pinned, env };
  }
  const node = machineNode(env);
  if (node === undefined) throw new ScriptError(adviceAgainst(problem));
  say(`the pinned Node.js does not start (${problem}): using ${node}`);
  mkdirSync(cacheDirectory, { recursive: true });
  rmSync(substitute, { force: true });
  symlinkSync(node, substitute);
  return { node, env };
}

/**
 * Before npm ci, because other packages' install scripts run on the pinned Node.js as soon as npm has linked it.
 * Returns whether the library is needed and could not be had.
 */
function ensureLibatomic() {
  if (problemOf(pinned, withLibatomic(process.env)) === undefined || !isGlibc() || hasLibatomic())
    return false;
  if (provideLibatomic()) return false;
  say(`that failed; by hand: ${LIBATOMIC_COMMAND}`);
  return true;
}

/** What keeps the pinned Node.js from starting and what to do about it; undefined where nothing does, or it is not installed. */
export function pinnedProblem() {
  if (!existsSync(pinned) || existsSync(substitute)) return undefined;
  const problem = problemOf(pinned, withLibatomic(process.env));
  return problem === undefined ? undefined : adviceAgainst(problem);
}

/** Why the Node.js at `path` cannot be used, or undefined where it can. */
function problemOf(path, env) {
  if (!existsSync(path)) return `${path} does not exist`;
  const { status, stdout, stderr, error } = spawnSync(path, ['--version'], { env, encoding: 'utf8' });
  if (status !== 0) return error?.message ?? stderr.trim();
  return major(stdout) >= leastMajor() ? undefined : `${path} is ${stdout.trim()}`;
}

function machineNode(env) {
  const candidates = [process.execPath, ...machinePath().map((directory) => `${directory}/node`)];
  return candidates.find((path) => path !== pinned && problemOf(path, env) === undefined);
}

function adviceAgainst(problem) {
  const command = hasLibatomic() ? 'npm rebuild node --ignore-scripts=false' : LIBATOMIC_COMMAND;
  return `the pinned Node.js does not start: ${problem}\n  run: ${command}\n  or put Node.js ${leastMajor()} or newer into PATH`;
}

/** The `engines` of package.json, `>=26`. */
function leastMajor() {
  return major(JSON.parse(readFileSync(`${checkout}/package.json`, 'utf8')).engines.node);
}

function major(version) {
  return Number(/\d+/.exec(version)?.[0]);
}

function isGlibc() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime !== undefined;
}
