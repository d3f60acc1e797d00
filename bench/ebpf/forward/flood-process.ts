// Sends UDP out of a device of this process's network namespace as fast as one processor can. One argument: a Flood as JSON.
import { BpfObject } from '../../../src/system/bpf/bpf-object.ts';
import { BPF_F_TEST_XDP_LIVE_FRAMES } from '../../../src/system/bpf/constants.ts';
import { testRun } from '../../../src/system/bpf/test-run.ts';
import { interfaceIndex } from './attach-process.ts';

export interface Flood {
  readonly object: string;
  readonly device: string;
  readonly seconds: number;
  /** Of six bytes each. */
  readonly macs: { readonly source: readonly number[]; readonly destination: readonly number[] };
  readonly constants: Readonly<Record<string, number>>;
}

const FRAME_LENGTH = 60;
const FRAMES_AT_ONCE = 1 << 17;
const BATCH = 64;

if (import.meta.main) {
  const flood = JSON.parse(process.argv[2] ?? '') as Flood;
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
  const start = performance.now();
  while (performance.now() - start < 1000 * flood.seconds)
    testRun(object.program('flood'), {
      data: new Uint8Array(FRAME_LENGTH),
      context,
      repeat: FRAMES_AT_ONCE,
      batchSize: BATCH,
      flags: BPF_F_TEST_XDP_LIVE_FRAMES,
    });
  object.close();
}
