import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { command, commandBytes } from './command.ts';
import { cpioArchive, DIRECTORY, EXECUTABLE, FILE } from './cpio.ts';
import { newestPackage, unpackedAlone } from './packages.ts';
import { LabUnavailable } from './unavailable.ts';

/** Kernel lines of Debian 12 that carry ip_vs. */
export type KernelLine = '6.1' | '6.12';

const PACKAGES: Readonly<Record<KernelLine, RegExp>> = {
  '6.1': /^linux-image-6\.1\.0-\d+-amd64$/,
  '6.12': /^linux-image-6\.12\.\d+\+deb12-amd64$/,
};

/** Modules that the initial RAM file system needs to reach the machine's root. */
const BOOT_MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

/** A kernel that is ready to boot. */
export interface Kernel {
  readonly version: string;
  readonly image: string;
  readonly initrd: string;
  /** The folder of its modules. */
  readonly modules: string;
}

/** Prepares a kernel of the line: the one that the cache has, or else the newest. `tools` holds kmod and busybox. */
export function prepareKernel(line: KernelLine, tools: string): Kernel {
  const name = newestPackage(PACKAGES[line]);
  if (name === undefined) throw new LabUnavailable(`apt knows no kernel package of ${line}`);
  const root = unpackedAlone(name);
  const lib = join(root, 'usr/lib/modules');
  const [version] = readdirSync(lib);
  if (version === undefined) throw new LabUnavailable(`${name} holds no modules`);
  const modules = join(lib, version);
  if (!existsSync(join(modules, 'modules.dep'))) {
    const libraries = join(tools, 'usr/lib/x86_64-linux-gnu');
    command(inLayer(tools, 'usr/bin/kmod'), ['-b', join(root, 'usr'), version], {
      argv0: 'depmod',
      env: { ...process.env, LD_LIBRARY_PATH: libraries },
    });
  }
  const initrd = join(cacheDirectory(name), 'initrd');
  writeFileSync(initrd, initialRamFileSystem(modules, inLayer(tools, 'usr/bin/busybox')));
  return { version, image: join(root, 'boot', `vmlinuz-${version}`), initrd, modules };
}

/** A file of the layer, or the machine's own where it has the package installed. */
function inLayer(layer: string, path: string): string {
  const unpacked = join(layer, path);
  return existsSync(unpacked) ? unpacked : join('/', path);
}

function initialRamFileSystem(modules: string, busybox: string): Uint8Array {
  const files = BOOT_MODULES.flatMap((name) => withDependencies(modules, name));
  const order = [...new Set(files)];
  return cpioArchive([
    ...['bin', 'dev', 'proc', 'sys', 'ro', 'rw', 'root', 'modules'].map((path) => ({
      path,
      mode: DIRECTORY,
    })),
    { path: 'bin/busybox', mode: EXECUTABLE, content: readFileSync(busybox) },
    { path: 'init', mode: EXECUTABLE, content: readFileSync(join(import.meta.dirname, 'guest/init.sh')) },
    ...order.map((file) => ({
      path: `modules/${basename(file, '.xz')}`,
      mode: FILE,
      content: unpackedModule(join(modules, file)),
    })),
    {
      path: 'modules/order',
      mode: FILE,
      content: Buffer.from(order.map((file) => `${basename(file, '.xz')}\n`).join('')),
    },
  ]);
}

/** A module's files, what it depends on first (modules.dep lists the nearest dependency first). Built-in ones have none. */
function withDependencies(modules: string, name: string): string[] {
  const line = readFileSync(join(modules, 'modules.dep'), 'utf8')
    .split('\n')
    .find((candidate) => new RegExp(`/${name}\\.ko(\\.xz)?:`).test(candidate));
  if (line === undefined) return [];
  const [file = '', dependencies = ''] = line.split(':');
  return [...dependencies.trim().split(' ').filter(Boolean).reverse(), file];
}

function unpackedModule(file: string): Uint8Array {
  return file.endsWith('.xz') ? commandBytes('xz', ['-dc', file]) : readFileSync(file);
}
