import { command, isInstalled } from './command.ts';
import { LabUnavailable } from './unavailable.ts';

/** What the lab runs on this machine, and the Debian package of each; everything else is unpacked, not installed. */
const PACKAGES: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  setpriv: 'util-linux',
  xz: 'xz-utils',
};

const INSTALL = ['install', '-y', '-qq', '--no-install-recommends'];

/**
 * Throws {@link LabUnavailable} with the command that helps where programs are missing; `install`, as root, runs it, saying
 * so.
 */
export function requireHostPrograms(install: boolean): void {
  const missing = Object.keys(PACKAGES).filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program] ?? program);
  const howTo = `apt-get ${INSTALL.join(' ')} ${packages.join(' ')}`;
  if (!install || !isInstalled('apt-get')) {
    throw new LabUnavailable(`there is no ${missing.join(', ')} (as root: ${howTo})`);
  }
  console.log(`The VM lab needs ${missing.join(', ')}; running: ${howTo}`);
  try {
    command('apt-get', ['update', '-qq']);
    command('apt-get', [...INSTALL, ...packages]);
  } catch (error) {
    throw new LabUnavailable(`${howTo}: ${error instanceof Error ? error.message : error}`);
  }
}
