import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { command } from './command.ts';
import { LabUnavailable } from './unavailable.ts';

/** Top folders that Debian merged into /usr; on the machine they are links, so unpacked files must lie behind these. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'];
/** What changes with every package that is installed or removed. */
const INSTALLED = '/var/lib/dpkg/status';

let refreshed = false;

/**
 * Fetches Debian packages, whether installed or not, with those that they depend on and that this machine lacks, and unpacks them
 * into a folder of the cache; nothing is installed. Returns the folder; throws {@link LabUnavailable} where they cannot be had.
 */
export function unpackedWithDependencies(folder: string, packages: readonly string[]): string {
  const directory = cacheDirectory(folder);
  const installed = createHash('sha256').update(readFileSync(INSTALLED)).digest('hex');
  const stamp = [...packages, installed].join('\n');
  return unpackedOnce(directory, stamp, () => {
    const debs = emptied(join(directory, 'debs'));
    mkdirSync(join(debs, 'partial'));
    const options = [
      '--reinstall',
      '--no-install-recommends',
      '--no-remove',
      '-o',
      `Dir::Cache::Archives=${debs}`,
    ];
    aptGet(['install', '--download-only', '-qq', '-y', ...options, '-o', 'Debug::NoLocking=1', ...packages]);
    return debs;
  });
}

/** As {@link unpackedWithDependencies}, but one package alone; one unpacked before is not asked for again. */
export function unpackedAlone(name: string): string {
  const directory = cacheDirectory(name);
  return unpackedOnce(directory, name, () => {
    const debs = emptied(join(directory, 'debs'));
    aptGet(['download', '-qq', name], debs);
    return debs;
  });
}

/** The newest package of the name that the cache has, or else that apt knows. */
export function newestPackage(name: RegExp): string | undefined {
  const unpacked = readdirSync(cacheDirectory()).filter((entry) =>
    existsSync(join(cacheDirectory(), entry, 'stamp')),
  );
  const known = newest(unpacked, name) ?? newest(packageNames(), name);
  if (known !== undefined) return known;
  refreshLists();
  return newest(packageNames(), name);
}

function newest(names: readonly string[], pattern: RegExp): string | undefined {
  const matching = names.filter((name) => pattern.test(name));
  return matching.sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1);
}

function packageNames(): string[] {
  return command('apt-cache', ['pkgnames', 'linux-image-']).split('\n');
}

/** Has the packages that `fetch` puts into a folder unpacked, unless the same stamp shows that they are. */
function unpackedOnce(directory: string, wanted: string, fetch: () => string): string {
  const stamp = join(directory, 'stamp');
  const root = join(directory, 'root');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return root;
  rmSync(stamp, { force: true });
  const debs = fetch();
  emptied(root);
  for (const file of readdirSync(debs)) {
    if (file.endsWith('.deb')) command('dpkg-deb', ['-x', join(debs, file), root]);
  }
  mergeUsr(root);
  rmSync(debs, { recursive: true });
  writeFileSync(stamp, wanted);
  return root;
}

function emptied(directory: string): string {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** Tries again with fresh lists: there may be none yet, or they name files that the mirror no longer has. */
function aptGet(args: readonly string[], cwd = '.'): void {
  try {
    command('apt-get', args, { cwd });
  } catch {
    refreshLists();
    try {
      command('apt-get', args, { cwd });
    } catch (error) {
      throw new LabUnavailable(
        `the packages cannot be had: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
}

function refreshLists(): void {
  if (refreshed) return;
  refreshed = true;
  try {
    command('apt-get', ['update', '-qq']);
  } catch (error) {
    throw new LabUnavailable(`apt-get has no lists: ${error instanceof Error ? error.message : error}`);
  }
}

/** Moves what lies in bin, sbin and lib to /usr, as on a machine with merged /usr. */
function mergeUsr(root: string): void {
  for (const name of MERGED) {
    const from = join(root, name);
    if (existsSync(from)) moveInto(from, join(root, 'usr', name));
  }
}

function moveInto(from: string, to: string): void {
  if (!existsSync(to)) {
    mkdirSync(join(to, '..'), { recursive: true });
    renameSync(from, to);
    return;
  }
  for (const entry of readdirSync(from)) {
    const source = join(from, entry);
    const target = join(to, entry);
    if (existsSync(target) && statSync(source).isDirectory()) moveInto(source, target);
    else renameSync(source, target);
  }
  rmSync(from, { recursive: true, force: true });
}
