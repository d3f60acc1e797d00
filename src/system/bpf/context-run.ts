import { BpfAttribute } from './bpf-attribute.ts';
import { bpf } from './bpf-call.ts';
import { BPF_PROG_TEST_RUN } from './constants.ts';

/** A program of type syscall that is run again and again, each time on the same bytes; a run allocates nothing. */
export class ContextRun {
  /** What the program is given, and what it left there. */
  readonly context: Uint8Array;
  readonly #attribute: BpfAttribute;

  constructor(program: { readonly fd: number }, contextLength: number) {
    this.context = new Uint8Array(contextLength);
    this.#attribute = new BpfAttribute(80)
      .setU32(0, program.fd)
      .setU32(40, contextLength)
      .setPointer(48, this.context);
  }

  /** Runs it once, and returns what it returned; a BpfError where the kernel refuses. */
  run(): number {
    bpf(BPF_PROG_TEST_RUN, this.#attribute, 'BPF_PROG_TEST_RUN');
    return this.#attribute.u32(4);
  }
}
