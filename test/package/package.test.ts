import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Lab } from '../docs/reference-lab.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from '../docs/reference-page.ts';
import { freePort } from '../docs/reference-port.ts';
import { CHECKOUT } from '../project/source-file.ts';

/** What the tarball may hold. */
const PUBLISHED = [
  /^package\.json$/,
  /^LICENSE$/,
  /^README(\.zh-CN)?\.md$/,
  /^CHANGELOG\.md$/,
  /^bpf\/[\w-]+\.bpf\.o$/,
  /^bin\/(launch\.sh|vipr|ipvsadm(-save|-restore)?)$/,
  /^dist\/[\w-]+\.c?js$/,
  /^dist\/types\/[\w/-]+\.d\.ts$/,
  /^dashboards\/[\w-]+\.(json|yaml)$/,
  /^systemd\/vipr\.service$/,
  /^docs\/[\w/.-]+\.(md|json|svg|png)$/,
];
/** What it must hold. */
const REQUIRED = [
  'package.json',
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'bin/vipr',
  'bpf/decapsulate.bpf.o',
  'bpf/vipr.bpf.o',
  'dist/index.js',
  'dist/types/index.d.ts',
  'dist/balancer-thread.js',
  'dist/pump-thread.js',
  'dashboards/vipr-alerts.yaml',
  'dashboards/vipr.json',
  'docs/errors.md',
  'systemd/vipr.service',
];
/** Every name that the library has at run time, as `What there is` in docs/reference/library.md names them too. */
const EXPORTS = [
  'ConfigInvalidError',
  'DEFAULT_TIMEOUTS',
  'DirectorClient',
  'ENGINE_CHOICES',
  'ERROR_CODES',
  'HostEnvironment',
  'IPIP_TUNNEL',
  'MemoryEngine',
  'NO_SCHEDULER_FLAGS',
  'RelayEngine',
  'ViprError',
  'addressBytes',
  'addressFromBytes',
  'asFirewallMark',
  'asPort',
  'asPrefixLength',
  'asSeconds',
  'asWeight',
  'destinationKey',
  'destinationSettings',
  'diffTables',
  'directorSocketPath',
  'familyOf',
  'findScheduler',
  'hostPort',
  'loadConfig',
  'parseConfig',
  'parseHostPort',
  'parseIpAddress',
  'parseServiceKey',
  'schedulerNames',
  'serviceFamily',
  'serviceKey',
  'serviceSettings',
];
const PAGE = readPage('docs/reference/library.md');
/** The sections of that page that show a program, and what it prints. */
const EXAMPLES = PAGE.flatMap(({ title, text }) => {
  const [program, output] = fencesOf(text);
  return program?.language === 'ts' ? [{ title, program: program.text, output: output?.text }] : [];
});
/** Milliseconds for npm. */
const NPM_LIMIT = 30_000;

/** An empty project that vipr is installed into, from the tarball that npm would publish. */
const project = new Lab(
  { 'package.json': JSON.stringify({ name: 'consumer', private: true, type: 'module' }) },
  'node_modules/.bin',
);
after(() => project[Symbol.asyncDispose]());

const packed = await project.run(`npm pack '${CHECKOUT}' --pack-destination .`, NPM_LIMIT);
const tarball = readdirSync(project.directory).find((name) => name.endsWith('.tgz'));
const skip = tarball === undefined ? 'there is no tarball' : await install(tarball);

describe('the package', () => {
  it('is packed, with what its users need and nothing else', async () => {
    assert.ok(tarball !== undefined, packed.stderr);
    const { stdout } = await project.run(`tar -tzf ${tarball}`);
    const files = stdout
      .trim()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''));
    assert.deepEqual(
      files.filter((path) => !PUBLISHED.some((pattern) => pattern.test(path))),
      [],
    );
    assert.deepEqual(
      REQUIRED.filter((path) => !files.includes(path)),
      [],
    );
  });

  it('exports to JavaScript what its page names', { skip }, async () => {
    const { stdout, stderr } = await project.run(
      `node --input-type=module -e "console.log(Object.keys(await import('vipr')).sort().join())"`,
    );
    assert.equal(stdout.trim(), EXPORTS.join(), stderr);
  });

  it('names every export on its page', async () => {
    const table = rowsOf(sectionOf(PAGE, 'What there is').text).flat().join(' ');
    const named = [...codesOf(table)].sort();
    const types = await project.run(
      `tar -xzOf ${tarball} package/dist/types/index.d.ts | sed '1,/\\*\\//d' | grep -v "^//"`,
    );
    const exported = [...types.stdout.matchAll(/\{([^}]*)\}/g)]
      .flatMap(([, names = '']) => names.split(','))
      .map((name) => name.replace('type ', '').trim())
      .filter((name) => name !== '');
    assert.deepEqual(named, exported.sort());
  });

  it('has commands that run', { skip }, async () => {
    assert.match((await project.run('vipr --version')).stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match((await project.run('ipvsadm -v')).stdout, /^ipvsadm v1\.31 /);
    assert.equal((await project.run('ipvsadm-save --help')).code, 1);
    assert.equal((await project.run('ipvsadm-restore --help')).code, 0);
  });

  it('type-checks the programs of its page', { skip }, async () => {
    const names = EXAMPLES.map(({ program }, index) => {
      writeFileSync(join(project.directory, `example-${index}.ts`), program);
      return `example-${index}.ts`;
    });
    await compile(names, { types: ['node'], typeRoots: [join(CHECKOUT, 'node_modules/@types')] });
  });

  it('has types that need nothing but the language', { skip }, async () => {
    writeFileSync(join(project.directory, 'bare.ts'), "export * from 'vipr';\n");
    await compile(['bare.ts'], { types: [] });
  });

  for (const [index, { title, program, output }] of EXAMPLES.entries()) {
    it(`runs the program of '${title}'`, { skip }, async () => {
      await using director = await directorWithTable(program);
      writeFileSync(join(project.directory, `example-${index}.ts`), program);
      const env = `VIPR_SOCKET=${director?.socket ?? ''} PORT=${await freePort()}`;
      const { code, stdout, stderr } = await project.run(`${env} node example-${index}.ts`);
      assert.equal(stderr, '');
      assert.equal(stdout, output);
      assert.equal(code, 0);
    });
  }
});

/** From npm's cache where that has everything, as after `npm ci`; returns why it could not be done. */
async function install(file: string): Promise<string | undefined> {
  const command = `npm install ./${file} --ignore-scripts --no-audit --no-fund --fetch-retries=0`;
  const offline = await project.run(`${command} --offline`, NPM_LIMIT);
  if (offline.code === 0) return undefined;
  const online = await project.run(`${command} --prefer-offline --fetch-timeout=10000`, NPM_LIMIT);
  if (online.code === 0) return undefined;
  return `npm cannot install the tarball: its cache lacks packages, and the registry is out of reach (${lastLine(online.stderr)})`;
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => /npm (error|ERR!) \w/.test(line));
  return lines.at(0) ?? 'no reason given';
}

async function compile(files: readonly string[], options: Readonly<Record<string, unknown>>): Promise<void> {
  const config = {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      ...options,
    },
    files,
  };
  writeFileSync(join(project.directory, 'tsconfig.json'), JSON.stringify(config));
  const { code, stdout } = await project.run(`node '${CHECKOUT}/node_modules/typescript/bin/tsc' -p .`);
  assert.equal(code, 0, stdout);
}

/** A director for the programs that ask one, with two services on the server that they drain. */
async function directorWithTable(program: string): Promise<Lab | undefined> {
  if (!program.includes('DirectorClient')) return undefined;
  const lab = new Lab({}, join(project.directory, 'node_modules/.bin'));
  await lab.startDirector('--engine', 'memory');
  const commands = ['-A -t 192.0.2.10:80', '-A -t 192.0.2.10:443'].flatMap((service) => [
    service,
    `${service.replace('-A', '-a')} -r 10.0.0.11 -m`,
    `${service.replace('-A', '-a')} -r 10.0.0.12 -m`,
  ]);
  const { code, stderr } = await lab.run(
    `printf '%s\\n' ${commands.map((line) => `'${line}'`).join(' ')} | ipvsadm -R`,
  );
  assert.equal(code, 0, stderr);
  return lab;
}
