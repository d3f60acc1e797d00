import { BpfError } from './bpf-error.ts';
import { type Handle, libbpf } from './libbpf.ts';

/** A program of a BpfObject. Settings apply to the load; the descriptor is there after it, and is the object's. */
export class ObjectProgram {
  readonly name: string;
  /** The ELF section, such as `xdp` or `tc`, from which libbpf takes the type. */
  readonly section: string;
  readonly #handle: Handle;

  constructor(handle: Handle) {
    this.#handle = handle;
    this.name = libbpf().bpf_program__name(handle);
    this.section = libbpf().bpf_program__section_name(handle);
  }

  /** enum bpf_prog_type */
  get type(): number {
    return libbpf().bpf_program__type(this.#handle);
  }

  /** enum bpf_attach_type */
  get expectedAttachType(): number {
    return libbpf().bpf_program__expected_attach_type(this.#handle);
  }

  /** Whether the load takes this program too; it does unless told otherwise. */
  setAutoload(autoload: boolean): void {
    this.#set('set_autoload', libbpf().bpf_program__set_autoload(this.#handle, autoload));
  }

  setExpectedAttachType(type: number): void {
    this.#set('set_expected_attach_type', libbpf().bpf_program__set_expected_attach_type(this.#handle, type));
  }

  setType(type: number): void {
    this.#set('set_type', libbpf().bpf_program__set_type(this.#handle, type));
  }

  /** Throws where the program was not loaded. */
  get fd(): number {
    return this.#set('fd', libbpf().bpf_program__fd(this.#handle));
  }

  #set(what: string, result: number): number {
    if (result < 0) throw new BpfError(`bpf_program__${what} ${this.name}`, -result);
    return result;
  }
}
