import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { aptInstall, run } from './apt.mjs';
import { cacheDirectory, say } from './checkout.mjs';

/*
 * The official binaries of Node.js 26 need libatomic.so.1, which a bare Debian 12 does not have. Where it is missing
 * it is installed (root) or unpacked into .cache/lib (everybody else), where bin/launch.sh looks for it too.
 */

const LIBRARY = 'libatomic.so.1';
const PACKAGE = 'libatomic1';
const TRIPLET = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const cachedDirectory = `${cacheDirectory}/lib`;

/** The command that mends it for good, for messages. */
export const LIBATOMIC_COMMAND = `apt-get install ${PACKAGE}   (as root; Fedora: dnf install libatomic)`;

/** Whether the dynamic linker would find the library: in .cache/lib, in its cache, or in the directories it searches besides. */
export function hasLibatomic() {
  const directories = [
    cachedDirectory,
    ...['/lib', '/usr/lib'].flatMap((lib) => [lib, `${lib}64`, `${lib}/${TRIPLET}`]),
  ];
  if (directories.some((directory) => existsSync(`${directory}/${LIBRARY}`))) return true;
  const { status, stdout } = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' });
  return status === 0 && stdout.includes(`${LIBRARY} `);
}

/** `env` with .cache/lib in LD_LIBRARY_PATH where it holds the library. */
export function withLibatomic(env) {
  if (!existsSync(`${cachedDirectory}/${LIBRARY}`)) return env;
  const path = env.LD_LIBRARY_PATH;
  return { ...env, LD_LIBRARY_PATH: path ? `${cachedDirectory}:${path}` : cachedDirectory };
}

/** Installs or unpacks the library; says what it does. Returns whether it is there now. */
export function provideLibatomic() {
  if (process.getuid?.() === 0) {
    say(`Node.js 26 needs ${LIBRARY}, which this system lacks: installing Debian's ${PACKAGE}`);
    if (aptInstall(PACKAGE)) return true;
  }
  say(`Node.js 26 needs ${LIBRARY}, which this system lacks: unpacking Debian's ${PACKAGE} into .cache/lib`);
  return unpack();
}

function unpack() {
  mkdirSync(cachedDirectory, { recursive: true });
  const work = mkdtempSync(`${cacheDirectory}/libatomic-`);
  try {
    if (!download(work)) return false;
    const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
    if (archive === undefined || !run('dpkg-deb', ['-x', archive, 'root'], work)) return false;
    const file = readdirSync(`${work}/root`, { recursive: true }).find((name) =>
      name.endsWith(`/${LIBRARY}`),
    );
    if (file === undefined) return false;
    copyFileSync(`${work}/root/${file}`, `${work}/${LIBRARY}`);
    renameSync(`${work}/${LIBRARY}`, `${cachedDirectory}/${LIBRARY}`);
    return true;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** With the system's package lists, or where those are empty with lists of its own, which need no privileges. */
function download(work) {
  if (run('apt-get', ['download', '-qq', PACKAGE], work)) return true;
  for (const directory of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(`${work}/${directory}`, { recursive: true });
  }
  const own = [
    ...['-o', `Dir::State=${work}/state`, '-o', 'Dir::State::status=/var/lib/dpkg/status'],
    ...['-o', `Dir::Cache=${work}/cache`],
  ];
  return (
    run('apt-get', [...own, 'update', '-qq'], work) &&
    run('apt-get', [...own, 'download', '-qq', PACKAGE], work)
  );
}
