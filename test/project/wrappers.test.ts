import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { FakePackage, type Sighting } from './fake-package.ts';
import { CHECKOUT } from './source-file.ts';

const ODD_ARGUMENTS = [
  '',
  ' ',
  'two words',
  "it's",
  '"quoted"',
  '$HOME',
  '`id`',
  '*',
  '\\',
  'new\nline',
  '--',
  '-n',
  'é',
];
const NOBODY = '65534';

for (const program of ['ipvsadm', 'ipvsadm-save', 'ipvsadm-restore', 'vipr']) {
  it(`${program} runs its own bundle`, () => {
    using fake = new FakePackage();
    assert.equal(seen(run(join(fake.root, 'bin', program))).program, program);
  });
}

it('hands every argument on as it is', () => {
  using fake = new FakePackage();
  assert.deepEqual(seen(run(join(fake.root, 'bin/ipvsadm'), ODD_ARGUMENTS)).args, ODD_ARGUMENTS);
});

it('passes the exit code through', () => {
  using fake = new FakePackage();
  for (const code of [0, 1, 2, 255]) {
    assert.equal(run(join(fake.root, 'bin/ipvsadm'), [], { env: { FAKE_EXIT: String(code) } }).status, code);
  }
});

it('becomes the program, so that signals reach it', () => {
  using fake = new FakePackage();
  const result = run(join(fake.root, 'bin/vipr'));
  assert.equal(seen(result).pid, result.pid);
});

it('runs by a relative path, by PATH, and by its name alone', () => {
  using fake = new FakePackage();
  const bin = join(fake.root, 'bin');
  assert.equal(seen(run('./ipvsadm', [], { cwd: bin })).program, 'ipvsadm');
  assert.equal(seen(run('bin/ipvsadm', [], { cwd: fake.root })).program, 'ipvsadm');
  assert.equal(seen(run('ipvsadm', [], { env: { PATH: `${bin}:/usr/bin:/bin` } })).program, 'ipvsadm');
  assert.deepEqual(seen(run('sh', ['ipvsadm', '-L'], { cwd: bin })).args, ['-L']);
});

it('runs through a chain of links, absolute and relative, and through a linked directory', () => {
  using fake = new FakePackage();
  const sbin = join(fake.directory, 'sbin');
  mkdirSync(sbin);
  symlinkSync(fake.root, join(fake.directory, 'current'));
  symlinkSync('../current/bin/ipvsadm', join(sbin, 'relative'));
  symlinkSync('relative', join(sbin, 'twice'));
  symlinkSync(join(sbin, 'twice'), join(sbin, 'ipvsadm'));
  for (const path of [
    join(sbin, 'relative'),
    join(sbin, 'ipvsadm'),
    join(fake.directory, 'current/bin/ipvsadm'),
  ]) {
    assert.deepEqual(seen(run(path, ['a b'])).args, ['a b'], path);
  }
});

it('prefers the substitute that scripts/run.mjs left, then the pinned Node.js, then the one in PATH', () => {
  using fake = new FakePackage();
  const wrapper = join(fake.root, 'bin/ipvsadm');
  fake.linkNode('.cache/node');
  assert.match(seen(run(wrapper)).node, /\.cache\/node$/);
  fake.remove('.cache');
  assert.match(seen(run(wrapper)).node, /node_modules\/node\/bin\/node$/);
  fake.remove('node_modules');
  fake.linkNode('elsewhere/node');
  const PATH = `${join(fake.root, 'elsewhere')}:/usr/bin:/bin`;
  assert.equal(seen(run(wrapper, [], { env: { PATH } })).node, 'node');
});

it('says so where there is no Node.js at all', () => {
  using fake = new FakePackage();
  fake.remove('node_modules');
  const result = run(join(fake.root, 'bin/ipvsadm'), [], { env: { PATH: '/nonexistent' } });
  assert.equal(result.status, 2);
  assert.match(result.stderr, /^ipvsadm: there is no node in PATH/);
});

it('adds .cache/lib to the library path only where it holds the library', (t) => {
  const library = libraryDirectories().find((directory) => existsSync(`${directory}/libatomic.so.1`));
  if (library === undefined) return t.skip('this system has no libatomic.so.1 to put there');
  using fake = new FakePackage();
  const wrapper = join(fake.root, 'bin/ipvsadm');
  const own = `${fake.root}/bin/../.cache/lib`;
  const inherited = process.env.LD_LIBRARY_PATH;
  assert.equal(seen(run(wrapper)).libraryPath, inherited ?? null);
  mkdirSync(join(fake.root, '.cache/lib'), { recursive: true });
  // The real one, because a Node.js that needs it loads what it finds here.
  symlinkSync(`${library}/libatomic.so.1`, join(fake.root, '.cache/lib/libatomic.so.1'));
  assert.equal(seen(run(wrapper)).libraryPath, inherited ? `${own}:${inherited}` : own);
});

it('names the remedy where dist/ is missing', () => {
  using fake = new FakePackage();
  fake.remove('dist');
  const result = run(join(fake.root, 'bin/ipvsadm'), ['-L']);
  assert.equal(result.status, 2);
  assert.equal(result.stderr, `ipvsadm: dist/ipvsadm.cjs is missing: run 'npm ci' in ${fake.root}\n`);
});

it('runs the source where VIPR_SOURCE is 1', () => {
  using fake = new FakePackage();
  const result = run(join(fake.root, 'bin/ipvsadm'), ['x'], { env: { VIPR_SOURCE: '1' } });
  assert.equal(seen(result).program, 'ipvsadm from source');
});

it('keeps compiled code where nobody else can write it, whatever the umask', () => {
  using fake = new FakePackage();
  const umask = process.umask(0);
  try {
    seen(run(join(fake.root, 'bin/ipvsadm')));
  } finally {
    process.umask(umask);
  }
  assert.equal(statSync(join(fake.root, 'dist/.compile-cache')).mode & 0o777, 0o700);
});

it('runs as another user', (t) => {
  if (process.geteuid?.() !== 0) return t.skip('only root can become another user');
  const probe = asNobody(process.execPath, ['--version']);
  if (probe.status !== 0)
    return t.skip(`nobody cannot run ${process.execPath}: ${probe.error ?? probe.stderr}`);
  using fake = new FakePackage();
  const result = asNobody(join(fake.root, 'bin/ipvsadm'), ODD_ARGUMENTS);
  assert.deepEqual(seen(result).args, ODD_ARGUMENTS);
  assert.ok(!existsSync(join(fake.root, 'dist/.compile-cache')), "a code cache in another user's directory");
});

it('starts the real ipvsadm from another directory', (t) => {
  if (!existsSync(join(CHECKOUT, 'dist/ipvsadm.cjs')))
    return t.skip('dist/ is not built (npm run build builds it)');
  const result = run(join(CHECKOUT, 'bin/ipvsadm'), ['--version'], { cwd: '/' });
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /^ipvsadm v1\.\d+/);
});

/** Where the dynamic linker looks, roughly. */
function libraryDirectories(): readonly string[] {
  const listed = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((directory) => directory !== '');
  return [...listed, '/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

function run(
  command: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): SpawnSyncReturns<string> {
  const { VIPR_SOURCE: _source, NODE_COMPILE_CACHE: _cache, ...env } = process.env;
  return spawnSync(command, args, {
    cwd: options.cwd ?? '/',
    env: { ...env, ...options.env },
    encoding: 'utf8',
    timeout: 20_000,
  });
}

function asNobody(command: string, args: readonly string[]): SpawnSyncReturns<string> {
  return run('setpriv', [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--', command, ...args]);
}

function seen(result: SpawnSyncReturns<string>): Sighting {
  assert.equal(result.stderr, '');
  return JSON.parse(result.stdout) as Sighting;
}
