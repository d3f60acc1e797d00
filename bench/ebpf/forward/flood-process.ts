// Sends what the program `flood` of an object makes out of a device of this process's network namespace. One argument: a Flood as JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import { BpfObject } from '../../../src/system/bpf/bpf-object.ts';
import { BPF_F_TEST_XDP_LIVE_FRAMES } from '../../../src/system/bpf/constants.ts';
import { testRun } from '../../../src/system/bpf/test-run.ts';
import { interfaceIndex } from './interface-index.ts';

export interface Flood {
  /** The compiled object. */
  readonly object: string;
  readonly device: string;
  /** It ends after that many seconds or frames, whatever comes first. */
  readonly seconds: number;
  readonly frames?: number;
  /** As fast as the processor can unless given. */
  readonly framesPerSecond?: number;
  /** Of six bytes each. */
  readonly macs: { readonly source: readonly number[]; readonly destination: readonly number[] };
  readonly constants: Readonly<Record<string, number>>;
}

const FRAME_LENGTH = 60;
const MOST_AT_ONCE = 1 << 17;
/** Each costs the kernel about a millisecond of preparation. */
const PIECES_A_SECOND = 20;
const BATCH = 64;

if (import.meta.main) {
  const flood = JSON.parse(process.argv[2] ?? '') as Flood;
  const { seconds, frames = Number.POSITIVE_INFINITY, framesPerSecond } = flood;
  const object = BpfObject.open(flood.object, 'flood');
  for (const [name, program] of object.programs) program.setAutoload(name === 'flood');
  object.setConstants({
    ...flood.constants,
    source_mac: Uint8Array.from(flood.macs.source),
    destination_mac: Uint8Array.from(flood.macs.destination),
  });
  object.load();
  // struct xdp_md
  const context = new Uint8Array(
    Uint32Array.of(0, FRAME_LENGTH, 0, interfaceIndex(flood.device), 0, 0).buffer,
  );
  const piece = Math.ceil(framesPerSecond === undefined ? MOST_AT_ONCE : framesPerSecond / PIECES_A_SECOND);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  for (let sent = 0; sent < frames && elapsed() < seconds; sent += piece) {
    testRun(object.program('flood'), {
      data: new Uint8Array(FRAME_LENGTH),
      context,
      repeat: Math.min(piece, frames - sent),
      batchSize: BATCH,
      flags: BPF_F_TEST_XDP_LIVE_FRAMES,
    });
    if (framesPerSecond !== undefined)
      await sleep(Math.max(0, 1000 * ((sent + piece) / framesPerSecond - elapsed())));
  }
  object.close();
}
