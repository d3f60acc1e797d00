import { after, describe, it, type TestContext } from 'node:test';
import { type Extent, extentOf } from './extent.ts';
import type { KernelLine } from './kernel.ts';
import { bootLab } from './lab.ts';
import { LabUnavailable } from './unavailable.ts';
import type { VirtualMachine } from './virtual-machine.ts';

/** Longest a booting guest and the packages before it may take beside a test's own limit. */
const BOOT_LIMIT_MS = 600_000;
/** The runner takes Infinity for its own limit. */
const SUITE_LIMIT_MS = 3_600_000;
const DEFAULT_LIMIT_MS = 120_000;

/** A kernel's guest as tests see it: booted by the first that runs, shared by all, stopped after the last. */
export class Lab {
  readonly line: KernelLine;
  readonly extent: Extent;
  #machine: Promise<VirtualMachine> | undefined;

  constructor(line: KernelLine, extent: Extent) {
    this.line = line;
    this.extent = extent;
  }

  /** A test in the guest. It is skipped, with the reason, where this machine cannot run the lab. */
  it(
    name: string,
    body: (machine: VirtualMachine, t: TestContext) => Promise<void>,
    limitMilliseconds = DEFAULT_LIMIT_MS,
  ): void {
    it(name, { timeout: BOOT_LIMIT_MS + limitMilliseconds }, async (t) => {
      let machine: VirtualMachine;
      try {
        this.#machine ??= this.#boot();
        machine = await this.#machine;
      } catch (error) {
        if (!(error instanceof LabUnavailable)) throw error;
        t.skip(`the VM lab cannot run here: ${error.message}`);
        return;
      }
      await body(machine, t);
    });
  }

  /** A group of such tests. */
  describe(name: string, body: () => void): void {
    describe(name, { timeout: SUITE_LIMIT_MS }, body);
  }

  async stop(): Promise<void> {
    const machine = await this.#machine?.catch(() => undefined);
    await machine?.stop();
  }

  /** Async, so that what is missing here rejects. */
  async #boot(): Promise<VirtualMachine> {
    return bootLab(this.line, this.extent);
  }
}

/** Runs suites on the kernels that this run's extent takes, one guest after another. */
export function onEachKernel(suites: (lab: Lab) => void): void {
  const extent = extentOf(process.env);
  const lines: readonly KernelLine[] = extent === 'whole' ? ['6.12', '6.1'] : ['6.12'];
  for (const line of lines) {
    describe(`Linux ${line}`, { timeout: SUITE_LIMIT_MS }, () => {
      const lab = new Lab(line, extent);
      after(() => lab.stop());
      suites(lab);
    });
  }
}
