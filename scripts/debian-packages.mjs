import { existsSync } from 'node:fs';
import { aptInstall } from './apt.mjs';
import { say } from './checkout.mjs';

/**
 * Installs the Debian packages that are missing where that can be done: as root, on Debian.
 * @param {Readonly<Record<string, string>>} packages a file of each, by which it is known to be there
 * @param {{ users: string, otherwise: string }} texts who uses them, and what follows where they stay missing
 */
export function provideDebianPackages(packages, { users, otherwise }) {
  const missing = Object.entries(packages)
    .filter(([, file]) => !existsSync(file) && !existsSync(file.replace(/^\/usr/, '')))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say(`${users} Debian packages that are not there; running ${command}`);
    if (aptInstall(...missing)) return;
    say(`that failed: ${otherwise}`);
  } else {
    say(`${otherwise}; on Debian, as root: ${command}`);
  }
}
