import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectorClient } from '../../src/api/client.ts';
import { CHECKOUT } from '../project/source-file.ts';
import { unitSetting } from './unit-file.ts';

/** uid and gid of nobody. */
const NOBODY = 65534;
/** How long a director may take to start, in milliseconds. */
const PATIENCE = 30_000;
const MAIN = join(CHECKOUT, 'src/commands/main.ts');
const CAPABILITIES = unitSetting('CapabilityBoundingSet').toLowerCase().replaceAll('cap_', '').split(' ');
/** What a director needs to run with nobody's rights; the rest of the unit's is for scripts with a user of their own. */
const AMBIENT = CAPABILITIES.filter((name) => !['setuid', 'setgid', 'kill'].includes(name));

const CONFIG = `check-defaults: { interval: 1s, timeout: 500ms, warmup: 0s }
services:
  - service: tcp 127.0.0.1:80
    checks: [ping]
    destinations: [{ address: 127.0.0.1:9 }]
`;

/** Why these tests cannot run here; false where they can. */
function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'only root can give capabilities and make network namespaces';
  for (const program of ['setpriv', 'ip', 'unshare']) {
    if (
      spawnSync(program, ['--version']).error !== undefined &&
      spawnSync(program, ['-V']).error !== undefined
    ) {
      return `${program} is missing`;
    }
  }
  const reads = spawnSync('setpriv', [...becoming(NOBODY, []), process.execPath, '--version'], { cwd: '/' });
  const sees = spawnSync('setpriv', [...becoming(NOBODY, []), 'test', '-r', MAIN], { cwd: '/' });
  return reads.status === 0 && sees.status === 0 ? false : 'the user nobody may not read the checkout';
}

/** setpriv's options for a user who has these capabilities, and can never have others. */
function becoming(user: number, capabilities: readonly string[]): string[] {
  const set = ['-all', ...capabilities.map((name) => `+${name}`)].join(',');
  return [
    `--reuid=${user}`,
    `--regid=${user}`,
    '--clear-groups',
    '--no-new-privs',
    `--bounding-set=${set}`,
    `--inh-caps=${set}`,
    ...(user === 0 ? [] : [`--ambient-caps=${set}`]),
  ];
}

/** A network namespace, a directory and a director in it, which all go. */
class Confined implements AsyncDisposable {
  readonly socket: string;
  stderr = '';
  readonly #directory: string;
  readonly #namespace = `vipr-cap-${process.pid}`;
  #director: ChildProcess | undefined;

  constructor(user: number) {
    this.#directory = mkdtempSync('/tmp/vipr-cap-');
    chownSync(this.#directory, user, user);
    this.socket = join(this.#directory, 'vipr.sock');
    this.#ip('netns', 'add', this.#namespace);
    this.#ip('-n', this.#namespace, 'link', 'set', 'lo', 'up');
    this.#ip('-n', this.#namespace, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two');
    this.#ip('-n', this.#namespace, 'link', 'set', 'one', 'up');
    this.#ip('-n', this.#namespace, 'link', 'set', 'two', 'up');
  }

  /** Runs \`vipr up\` with these capabilities and no others, and a BPF file system that is the user's. */
  async start(engine: string, user: number, capabilities: readonly string[]): Promise<DirectorClient> {
    const bpf = join(this.#directory, 'bpf');
    mkdirSync(bpf);
    const config = join(this.#directory, 'vipr.yaml');
    writeFileSync(config, CONFIG);
    const up = [
      'up',
      '--engine',
      engine,
      '--config',
      config,
      '--socket',
      this.socket,
      '--bpf-dir',
      join(bpf, 'vipr'),
    ];
    const script = `mount -t bpf bpf ${bpf}; chown ${user} ${bpf}; cd /; exec "$@"`;
    const confined = ['setpriv', ...becoming(user, capabilities), process.execPath, MAIN, ...up];
    const director = spawn('ip', ['netns', 'exec', this.#namespace, 'sh', '-c', script, 'sh', ...confined], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#director = director;
    director.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    const deadline = Date.now() + PATIENCE;
    while (!this.stderr.includes('control socket')) {
      if (director.exitCode !== null || Date.now() > deadline) throw new Error(`vipr up: ${this.stderr}`);
      await sleep(20);
    }
    return new DirectorClient(this.socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const director = this.#director;
    if (director !== undefined && director.exitCode === null && director.signalCode === null) {
      const ended = new Promise((resolve) => void director.on('close', resolve));
      director.kill('SIGTERM');
      const late = setTimeout(() => director.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    }
    this.#ip('netns', 'del', this.#namespace);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #ip(...words: readonly string[]): void {
    const { status, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
  }
}

const skip = whyNot();
const skipBpf = skip || (existsSync('/sys/kernel/btf/vmlinux') ? false : 'the kernel has no BTF');

describe('the capabilities of systemd/vipr.service are enough', () => {
  for (const [who, user, capabilities] of [
    ['root', 0, CAPABILITIES],
    ['nobody', NOBODY, AMBIENT],
  ] as const) {
    for (const engine of ['relay', 'ebpf'] as const) {
      it(`for ${engine}, as ${who}`, { skip: engine === 'ebpf' ? skipBpf : skip }, async (test) => {
        await using confined = new Confined(user);
        let client: DirectorClient;
        try {
          client = await confined.start(engine, user, capabilities);
        } catch (error) {
          if (engine === 'ebpf' && confined.stderr.includes('ENGINE_UNAVAILABLE')) {
            test.skip(`ebpf does not run here: ${confined.stderr}`);
            return;
          }
          throw error;
        }
        try {
          const { engine: runs, faults } = await client.status();
          assert.equal(runs.name, engine);
          // A port below 1024.
          assert.deepEqual([...faults], []);
          let detail: string | undefined;
          for (
            const deadline = Date.now() + PATIENCE;
            detail === undefined && Date.now() < deadline;
            await sleep(50)
          ) {
            const [service] = await client.health();
            detail = service?.destinations[0]?.checks[0]?.detail;
          }
          assert.ok(detail !== undefined && !detail.includes('CAP_NET_RAW'), String(detail));
        } finally {
          await client.close();
        }
      });
    }
  }

  it('and ebpf names one that is missing', { skip: skipBpf }, async () => {
    await using confined = new Confined(NOBODY);
    await assert.rejects(
      confined.start(
        'ebpf',
        NOBODY,
        AMBIENT.filter((name) => name !== 'perfmon'),
      ),
      /lacks CAP_PERFMON/,
    );
  });
});
