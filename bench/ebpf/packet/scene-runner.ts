import assert from 'node:assert/strict';
import { BpfObject } from '../../../src/system/bpf/bpf-object.ts';
import { testRun } from '../../../src/system/bpf/test-run.ts';
import { clientOf, forwardedFrameOf, frameOf, OWN, type Scene } from './scene.ts';

export type Hook = 'xdp' | 'tc';

export const PROGRAM = { xdp: 'vipr_xdp', tc: 'vipr_ingress' } as const satisfies Record<Hook, string>;
/** Bytes of the header that a run writes: HEADER_WORDS of bpf/packet.bpf.c. */
const HEADER_LENGTH = 72;
const TUNNEL_LENGTH = 20;
const CONTEXT = { xdp: 24, tc: 192 } as const satisfies Record<Hook, number>;

export interface SceneOptions {
  readonly scene: Scene;
  readonly flows: number;
  readonly hooks: readonly Hook[];
  /** Between the flows of consecutive packets. */
  readonly stride: number;
}

/** Shows the data plane packets of its connections, again and again. */
export class SceneRunner {
  readonly #scene: Scene;
  readonly #flows: number;
  readonly #plane: BpfObject;
  readonly #measuring: BpfObject;
  readonly #framing: BpfObject;

  /** `plane` is loaded, its table filled, and stays the caller's; `frame` is the object of bpf/packet.bpf.c. */
  constructor(plane: BpfObject, frame: Uint8Array, options: SceneOptions) {
    this.#scene = options.scene;
    this.#flows = options.flows;
    this.#plane = plane;
    this.#measuring = BpfObject.open(frame, 'packet');
    this.#framing = BpfObject.open(frame, 'frame');
    try {
      const constants = constantsOf(options);
      this.#measuring.setConstants({ ...constants, checking: 1 });
      this.#measuring.load();
      this.#framing.setConstants(constants);
      this.#framing.load();
      for (const hook of options.hooks) {
        plug(this.#measuring, `measured_${hook}`, plane.program(PROGRAM[hook]).fd);
        plug(this.#framing, `measured_${hook}`, this.#framing.program(`nothing_${hook}`).fd);
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Compares what becomes of some packets with what has to. */
  verify(hook: Hook): void {
    const program = this.#plane.program(PROGRAM[hook]);
    for (const flow of [0, this.#flows >> 1, this.#flows - 1]) {
      const data = frameOf(this.#scene, flow);
      const result = testRun(program, { data, context: contextOf(hook, data.length) });
      const expected = forwardedFrameOf(this.#scene, flow).toString('hex');
      assert.equal(
        Buffer.from(result.data).toString('hex'),
        expected,
        `${hook}: ${this.#scene}, flow ${flow}`,
      );
    }
  }

  /** Nanoseconds that the data plane takes for a packet, on average of `packets`, all of which it has to forward. */
  measure(hook: Hook, packets: number): number {
    const whole = run(this.#measuring, hook, this.#scene, packets);
    assert.equal(whole.wrong, 0, `${hook}: ${this.#scene}, packets that were not forwarded as they should`);
    return whole.nanoseconds - run(this.#framing, hook, this.#scene, packets).nanoseconds;
  }

  close(): void {
    this.#measuring.close();
    this.#framing.close();
  }
}

function constantsOf({ scene, flows, stride }: SceneOptions): Readonly<Record<string, number | Uint8Array>> {
  const header = paddedFrameOf(scene);
  const forwarded = forwardedFrameOf(scene, 0);
  const isReply = scene === 'nat-reply';
  const [own, others] = isReply ? [30, 26] : [26, 30];
  return {
    header,
    header_sum: sumWithout(header.subarray(14, 34), own - 14),
    is_reply: Number(isReply),
    first_client: clientOf(0).address,
    flow_mask: flows - 1,
    stride,
    tunnel_bytes: scene === 'tunnel' ? TUNNEL_LENGTH : 0,
    expected_mac_end: forwarded.readUInt32LE(2),
    expected_address: forwarded.readUInt32LE(others),
  };
}

function paddedFrameOf(scene: Scene): Buffer {
  const frame = Buffer.alloc(HEADER_LENGTH);
  frameOf(scene, 0).copy(frame);
  return frame;
}

/** Over the words of an IPv4 header, without its checksum and the address that lies at `address`. */
function sumWithout(header: Buffer, address: number): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2)
    if (at !== 10 && at !== address && at !== address + 2) sum += header.readUInt16LE(at);
  return sum;
}

function run(
  object: BpfObject,
  hook: Hook,
  scene: Scene,
  packets: number,
): { nanoseconds: number; wrong: number } {
  const counters = object.map('.bss').open();
  try {
    const zero = new Uint8Array(4);
    counters.update(zero, new Uint8Array(counters.valueSize));
    const data = paddedFrameOf(scene);
    const { duration } = testRun(object.program(`next_${hook}`), {
      data,
      context: contextOf(hook, data.length),
      repeat: packets,
      dataRoom: 0,
    });
    const [runs = 0n, wrong = 0n] = new BigUint64Array(counters.lookup(zero)?.buffer ?? new ArrayBuffer());
    assert.equal(Number(runs), packets);
    return { nanoseconds: duration, wrong: Number(wrong) };
  } finally {
    counters.close();
  }
}

/** `struct xdp_md`, and a `struct __sk_buff` that says nothing: test runs take place on loopback. */
function contextOf(hook: Hook, length: number): Uint8Array {
  const bytes = new Uint8Array(CONTEXT[hook]);
  const view = new DataView(bytes.buffer);
  if (hook === 'xdp') {
    view.setUint32(4, length, true);
    view.setUint32(12, OWN.index, true);
  }
  return bytes;
}

function plug(object: BpfObject, name: string, fd: number): void {
  const map = object.map(name).open();
  try {
    map.update(new Uint8Array(4), new Uint8Array(Uint32Array.of(fd).buffer));
  } finally {
    map.close();
  }
}
