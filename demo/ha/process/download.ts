import { fileURLToPath } from 'node:url';
import type { Host } from '../../../test/netns/lab/host.ts';
import type { Program } from '../../../test/netns/lab/program.ts';
import { until } from '../../until.ts';

interface Progress {
  readonly bytes: number;
  /** Of the whole, at the end. */
  readonly sha256?: string;
}

/** A download by one connection, in a process of its own. */
export class Download {
  readonly #program: Program;

  constructor(client: Host, url: string) {
    const script = fileURLToPath(new URL('download-process.ts', import.meta.url));
    this.#program = client.start([process.execPath, script, url]);
  }

  get progress(): Progress {
    const line = this.#program.stdout.toString().split('\n').at(-2);
    return line === undefined ? { bytes: 0 } : (JSON.parse(line) as Progress);
  }

  /** Waits until so many bytes are there; rejects where the connection breaks before. */
  async untilBytes(bytes: number): Promise<void> {
    await until(`${bytes} bytes are downloaded`, async () => {
      if (this.progress.bytes >= bytes) return true;
      if (this.#program.isOver) throw new Error(`the download broke off: ${this.#program.stderr}`);
      return false;
    });
  }

  /** Waits for the end: the hash of all that came, or why it broke off. */
  async end(): Promise<string> {
    const { stderr } = await this.#program.within(60_000);
    return this.progress.sha256 ?? `it broke off: ${stderr.trim()}`;
  }
}
