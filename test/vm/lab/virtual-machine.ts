import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from './cache.ts';
import type { Kernel } from './kernel.ts';
import { machineDirectory } from './machine-directory.ts';

const BOOT_LIMIT_MS = 90_000;
/** How much longer than a script's own limit its answer may take. */
const ANSWER_LIMIT_MS = 20_000;
/** What timeout(1) ends with. */
const TOOK_TOO_LONG = [124, 137];
/** The console's last lines that a failure shows. */
const CONSOLE_LINES = 60;

export interface GuestResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface VirtualMachineOptions {
  readonly kernel: Kernel;
  /** Folders of unpacked packages that lie over the machine's root in the guest, the topmost last. */
  readonly layers: readonly string[];
}

/** A running guest: the machine's root under an overlay, with root's rights, nothing of it kept when it stops. */
export class VirtualMachine {
  readonly #directory = machineDirectory();
  readonly #share = join(this.#directory, 'share');
  readonly #qemu: ChildProcess;
  readonly #control: net.Server;
  readonly #console: string[] = [];
  readonly #waiting = new Map<string, () => void>();
  #agent: net.Socket | undefined;
  #failed: (error: Error) => void = () => {};
  /** Rejects when the guest is gone. */
  readonly #gone: Promise<never>;
  #next = 0;

  private constructor(options: VirtualMachineOptions) {
    this.#gone = new Promise((_resolve, reject) => {
      this.#failed = reject;
    });
    this.#gone.catch(() => {});
    const control = join(this.#directory, 'control');
    this.#control = net.createServer((agent) => this.#connected(agent)).listen(control);
    this.#qemu = spawn('setpriv', [...QEMU, ...qemuArguments(options, control, this.#share)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const output of [this.#qemu.stdout, this.#qemu.stderr]) {
      if (output) createInterface({ input: output }).on('line', (line) => this.#console.push(line));
    }
    this.#qemu.once('error', (error) => this.#failed(error));
    this.#qemu.once('exit', (code) => this.#failed(new Error(`the guest is gone (qemu ended with ${code})`)));
  }

  /** Starts a guest and waits until it takes commands. */
  static async boot(options: VirtualMachineOptions): Promise<VirtualMachine> {
    const machine = new VirtualMachine(options);
    try {
      await machine.#word('ready', BOOT_LIMIT_MS);
      return machine;
    } catch (error) {
      await machine.stop();
      throw error;
    }
  }

  /**
   * Runs a script with bash, as root, in /tmp of the guest. Scripts run one after another. One that takes longer than the
   * limit, or a guest that is gone, rejects with what the guest's console showed last.
   */
  async run(script: string, limitMilliseconds = 60_000): Promise<GuestResult> {
    const number = `${this.#next++}`;
    writeFileSync(this.#file(number, 'sh'), script);
    const done = this.#word(number, limitMilliseconds + ANSWER_LIMIT_MS);
    const started = Date.now();
    this.#agent?.write(`${number} ${limitMilliseconds / 1000}\n`);
    await done;
    const exitCode = Number(this.#take(number, 'exit'));
    const result = { exitCode, stdout: this.#take(number, 'out'), stderr: this.#take(number, 'err') };
    this.#take(number, 'sh');
    if (TOOK_TOO_LONG.includes(exitCode) && Date.now() - started >= limitMilliseconds) {
      throw this.#failure(`took longer than ${limitMilliseconds / 1000} s`, script, result);
    }
    return result;
  }

  /** Runs a script that must succeed; returns what it printed. */
  async expect(script: string, limitMilliseconds?: number): Promise<string> {
    const result = await this.run(script, limitMilliseconds);
    if (result.exitCode === 0) return result.stdout;
    throw this.#failure(`ended with ${result.exitCode}`, script, result);
  }

  /** A folder of the host that the guest has as /run/share. */
  get share(): string {
    return this.#share;
  }

  /** What the guest's console showed last. */
  console(): string {
    return `console of the guest:\n${this.#console.slice(-CONSOLE_LINES).join('\n')}`;
  }

  async stop(): Promise<void> {
    if (this.#qemu.exitCode === null && this.#qemu.signalCode === null && this.#qemu.pid !== undefined) {
      const exited = once(this.#qemu, 'exit');
      this.#qemu.kill('SIGKILL');
      await exited;
    }
    this.#agent?.destroy();
    this.#control.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #failure(what: string, script: string, { stdout, stderr }: GuestResult): Error {
    return new Error(`in the guest, this ${what}:\n${script}\n${stdout}${stderr}\n${this.console()}`);
  }

  #connected(agent: net.Socket): void {
    this.#agent = agent;
    agent.on('error', () => {});
    createInterface({ input: agent }).on('line', (line) => {
      const word = line.trim();
      this.#waiting.get(word)?.();
      this.#waiting.delete(word);
    });
  }

  async #word(word: string, limitMilliseconds: number): Promise<void> {
    const heard = new Promise<void>((resolve) => this.#waiting.set(word, resolve));
    const limit = new AbortController();
    const late = delay(limitMilliseconds, undefined, { signal: limit.signal }).then(() => {
      throw new Error(`the guest did not answer within ${limitMilliseconds / 1000} s`);
    });
    late.catch(() => {});
    try {
      await Promise.race([heard, late, this.#gone]);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\n${this.console()}`, {
        cause: error,
      });
    } finally {
      limit.abort();
      this.#waiting.delete(word);
    }
  }

  #file(number: string, extension: string): string {
    return join(this.#share, `${number}.${extension}`);
  }

  #take(number: string, extension: string): string {
    const text = readFileSync(this.#file(number, extension), 'utf8');
    rmSync(this.#file(number, extension));
    return text;
  }
}

/** QEMU ends with this process, however that ends. */
const QEMU = ['--pdeathsig', 'SIGKILL', '--', 'qemu-system-x86_64'];

/**
 * KVM inside other virtual machines often starts and then stalls, so the processor is emulated, which works everywhere: by
 * one thread, as several can crash a guest whose kernel patches its own text. Without address randomisation QEMU finds what
 * it translated for an earlier process: programs start three times as fast.
 */
const ACCELERATOR = 'tcg,thread=single';
const KERNEL_OPTIONS = 'console=ttyS0 quiet panic=-1 mitigations=off norandmaps';

function qemuArguments(options: VirtualMachineOptions, control: string, share: string): string[] {
  const { kernel, layers } = options;
  const commandLine = [
    KERNEL_OPTIONS,
    `lab.layers=${layers.length}`,
    `lab.modules=${kernel.modules}`,
    `lab.checkout=${CHECKOUT}`,
  ];
  const folder = (id: string, path: string, writable: boolean): string[] => [
    ...[
      '-fsdev',
      `local,id=${id},path=${path},security_model=none,multidevs=remap${writable ? '' : ',readonly=on'}`,
    ],
    ...['-device', `virtio-9p-pci,fsdev=${id},mount_tag=${id}`],
  ];
  return [
    ...['-accel', ACCELERATOR, '-cpu', 'max', '-m', '1536', '-smp', '1'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel.image, '-initrd', kernel.initrd, '-append', commandLine.join(' ')],
    ...['-serial', 'stdio', '-chardev', `socket,id=control,path=${control}`, '-serial', 'chardev:control'],
    ...folder('root', '/', false),
    ...layers.flatMap((layer, index) => folder(`layer${index}`, layer, false)),
    ...folder('share', share, true),
  ];
}
