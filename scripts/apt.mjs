import { spawnSync } from 'node:child_process';

/** Installs Debian packages, after an update of the lists where they do not have them. Returns whether that went well. */
export function aptInstall(...packages) {
  const install = () => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  return install() || (run('apt-get', ['update', '-qq']) && install());
}

/** Output goes to standard error; five minutes are the limit, for a mirror that does not answer. */
export function run(command, args, cwd) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 2, 2], timeout: 300_000 });
  return status === 0;
}
