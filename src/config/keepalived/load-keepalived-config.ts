import { globSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { readConfigText } from '../read-config-text.ts';
import type { KeepalivedEnvironment } from './keepalived-environment.ts';
import { parseKeepalivedConfig } from './parse-keepalived-config.ts';

/** Reads a keepalived.conf with what it includes. Throws CONFIG_UNREADABLE, or CONFIG_INVALID with everything that is wrong in it. */
export async function loadKeepalivedConfig(path: string): Promise<Config> {
  return parseKeepalivedConfig(await readConfigText(path), path, hostEnvironment(path));
}

/** What a file at a path depends on, on this host. */
export function hostEnvironment(path: string): KeepalivedEnvironment {
  const [configId = ''] = hostname().split('.', 1);
  return {
    configId,
    directory: dirname(resolve(path)),
    findFiles: (pattern, directory) =>
      globSync(pattern, { cwd: directory })
        .map((found) => resolve(directory, found))
        .sort(),
    readFile,
    variable: (name) => process.env[name],
    random: (least, most) => least + Math.floor(Math.random() * (most - least + 1)),
    userExists: namesOfUsers(),
  };
}

/** A file that can be executed is none to include: keepalived's lib/parser.c, check_glob_file. */
function readFile(path: string): { readonly text: string } | { readonly reason: string } {
  try {
    const { mode } = statSync(path);
    if ((mode & 0o170000) !== 0o100000) return { reason: 'it is not a regular file' };
    if ((mode & 0o111) !== 0) return { reason: 'it is executable' };
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Users of /etc/passwd, read when the first one is asked for. */
function namesOfUsers(): (name: string) => boolean {
  let names: ReadonlySet<string> | undefined;
  return (name) => {
    names ??= new Set(readPasswords().map((line) => line.split(':', 1)[0] ?? ''));
    return names.has(name);
  };
}

function readPasswords(): string[] {
  try {
    return readFileSync('/etc/passwd', 'utf8').split('\n');
  } catch {
    return [];
  }
}
