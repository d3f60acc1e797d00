import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { layoutModule, layoutSource } from './bpf-layout.mjs';
import { checkout, ScriptError, say } from './checkout.mjs';

/**
 * Compiles bpf/*.bpf.c into the objects beside them, and writes what TypeScript has to know of bpf/abi.h. With `--check` it
 * changes nothing and compares instead: exit code 1 where something differs, 2 where this machine cannot tell.
 */
const CLANG = 'clang-14';
const STRIP = 'llvm-strip-14';
const FOLDER = join(checkout, 'bpf');
const LAYOUT = join(checkout, 'src/engines/ebpf/layout.gen.ts');
/** Which compiler made the objects: another one makes others. */
const NOTE = join(FOLDER, 'compiler.txt');
const DIFFERENT = 1;
const CANNOT_TELL = 2;

const FLAGS = [
  ...['-O2', '-g', '-mcpu=v3', '-target', 'bpf', '-Wall', '-Werror'],
  // Headers of packets are read and written as words of different sizes.
  '-fno-strict-aliasing',
  '-I/usr/include/x86_64-linux-gnu',
  // Nothing of the object says where the checkout is.
  ...[`-fdebug-prefix-map=${checkout}=.`, '-fdebug-compilation-dir=.', '-no-canonical-prefixes'],
];

/** What the build makes, by path. */
function build() {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-bpf-'));
  try {
    const outputs = new Map([[NOTE, compilerVersion()]]);
    for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.bpf.c'))) {
      const object = join(directory, 'object.o');
      compile(name, object);
      outputs.set(join(FOLDER, name.replace(/c$/, 'o')), readFileSync(object));
    }
    const described = join(directory, 'layout.c');
    const object = join(directory, 'layout.o');
    writeFileSync(described, layoutSource(readFileSync(join(FOLDER, 'abi.h'), 'utf8')));
    compile(described, object, ['-I.']);
    outputs.set(LAYOUT, layoutModule(readFileSync(object)));
    return outputs;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function compile(source, object, flags = []) {
  run(CLANG, [...FLAGS, ...flags, '-c', source, '-o', object]);
  // DWARF goes, BTF stays: that is what libbpf and the kernel read.
  run(STRIP, ['-g', object]);
}

/** The first line of `clang --version`, which names the package too. */
function compilerVersion() {
  return `${run(CLANG, ['--version']).split('\n')[0]}\n`;
}

function run(program, args) {
  try {
    return execFileSync(program, args, { cwd: FOLDER, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new ScriptError(`${program} is not installed: apt install clang-14 llvm-14`);
    throw new ScriptError(`${program} failed:\n${error.stderr}`);
  }
}

/** Why this machine cannot say whether the objects are those of the sources, or undefined where it can. */
function whyNot() {
  let version;
  try {
    version = compilerVersion();
    run(STRIP, ['--version']);
  } catch (error) {
    if (error instanceof ScriptError) return error.message;
    throw error;
  }
  if (!existsSync(NOTE)) return undefined;
  const noted = readFileSync(NOTE, 'utf8');
  return noted === version
    ? undefined
    : `the objects were made by ${noted.trim()}, here is ${version.trim()}`;
}

function check() {
  const reason = whyNot();
  if (reason !== undefined) {
    say(reason);
    return CANNOT_TELL;
  }
  const outdated = [...build()].filter(([path, content]) => !isSame(path, content));
  for (const [path] of outdated) say(`${path} is not what its sources make: npm run build:bpf`);
  return outdated.length > 0 ? DIFFERENT : 0;
}

function isSame(path, content) {
  return existsSync(path) && readFileSync(path).equals(Buffer.from(content));
}

function write() {
  for (const [path, content] of build()) {
    if (isSame(path, content)) continue;
    writeFileSync(path, content);
    say(`wrote ${path}`);
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = process.argv.includes('--check') ? check() : write();
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    say(error.message);
    process.exitCode = DIFFERENT;
  }
}
