import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BpfError } from '../system/bpf/bpf-error.ts';
import { BpfLink } from '../system/bpf/bpf-link.ts';
import { readProgramInfo } from '../system/bpf/program-info.ts';
import { attachTcFilter, detachTcFilter, findTcFilter, type TcFilterPlace } from '../system/bpf/tc-filter.ts';

interface Program {
  readonly fd: number;
}

/** Behind a firewall's filters, which use the first numbers, and told from anybody's by the handle: "vipr". */
const PRIORITY = 100;
const HANDLE = 0x76697072;

/** The decapsulator on one interface: a tcx link that is pinned, or, before linux 6.6, a filter of clsact. */
export class Attachment {
  readonly #path: string;
  readonly #place: TcFilterPlace;
  readonly #tcx: boolean;

  /** Without `tcx` it does as on a kernel that has none. */
  constructor(directory: string, index: number, tcx = true) {
    this.#path = join(directory, `tcx-${index}`);
    this.#tcx = tcx;
    this.#place = { ifindex: index, direction: 'ingress', priority: PRIORITY, handle: HANDLE };
  }

  /** Whether it is this program that runs there. */
  runs(program: Program): boolean {
    const { id } = readProgramInfo(program.fd);
    const link = this.#openLink();
    if (link === undefined) return findTcFilter(this.#place) === id;
    try {
      const { ifindex, programId } = link.info();
      return ifindex === this.#place.ifindex && programId === id;
    } finally {
      link.close();
    }
  }

  /** Attaches the program, or replaces the one that is there without a packet in between. */
  attach(program: Program): void {
    if (this.runs(program)) return;
    const link = this.#openLink();
    try {
      // A link whose device went away is of no use, also where another one has its number now.
      if (link !== undefined && link.info().ifindex === this.#place.ifindex) {
        link.update(program);
        return;
      }
    } finally {
      link?.close();
    }
    rmSync(this.#path, { force: true });
    if (!this.#attachTcx(program)) attachTcFilter(program, this.#place);
  }

  detach(): void {
    rmSync(this.#path, { force: true });
    if (findTcFilter(this.#place) !== undefined) detachTcFilter(this.#place);
  }

  #openLink(): BpfLink | undefined {
    return existsSync(this.#path) ? BpfLink.openPinned(this.#path) : undefined;
  }

  /** False where the kernel has no tcx. */
  #attachTcx(program: Program): boolean {
    if (!this.#tcx) return false;
    let link: BpfLink;
    try {
      link = BpfLink.createTcx(program, this.#place.ifindex, 'ingress');
    } catch (error) {
      if (error instanceof BpfError && error.code === 'EINVAL') return false;
      throw error;
    }
    try {
      link.pin(this.#path);
      return true;
    } finally {
      link.close();
    }
  }
}
