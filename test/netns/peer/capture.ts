import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../lab/host.ts';
import type { Program } from '../lab/program.ts';
import { pcapFrames } from './pcap.ts';

/**
 * What tcpdump sees at a device, as frames for `parse` of test/packet. It does not see what an XDP program drops or redirects
 * at this device, so capture at the other end of the link. With offloads on, frames have unfinished checksums and may be longer
 * than the MTU.
 */
export class Capture {
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  /** Resolves when tcpdump listens. `filter` is a pcap-filter(7). */
  static async start(host: Host, device: string, filter = ''): Promise<Capture> {
    const words = ['tcpdump', '--immediate-mode', '-Z', 'root', '-U', '-w', '-', '-i', device];
    const program = host.start([...words, ...(filter === '' ? [] : [filter])]);
    while (!/listening on/.test(program.stderr)) {
      if (program.isOver) throw new Error(`${host.name}: tcpdump ${device} ${filter}: ${program.stderr}`);
      await sleep(5);
    }
    return new Capture(program);
  }

  /** All so far. */
  get frames(): readonly Buffer[] {
    return pcapFrames(this.#program.stdout);
  }

  /** Waits for as many frames, and resolves to all; rejects after `limitMs`, saying how many there are. */
  async atLeast(count: number, limitMs = 5000): Promise<readonly Buffer[]> {
    const deadline = performance.now() + limitMs;
    while (this.frames.length < count) {
      if (performance.now() > deadline)
        throw new Error(`${this.frames.length} frames after ${limitMs} ms, not ${count}`);
      await sleep(10);
    }
    return this.frames;
  }

  /** Ends tcpdump, and resolves to all frames that it saw. */
  async stop(): Promise<readonly Buffer[]> {
    const { stdout } = await this.#program.stop('SIGINT');
    return pcapFrames(stdout);
  }
}
