import { existsSync, mkdirSync, readdirSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ViprError } from '../model/error.ts';
import { BpfError } from '../system/bpf/bpf-error.ts';
import { ensureBpfFileSystem, isBpfFileSystem } from '../system/bpf/bpf-file-system.ts';
import { BpfMap } from '../system/bpf/bpf-map.ts';
import { BpfObject } from '../system/bpf/bpf-object.ts';
import { LibbpfUnavailableError } from '../system/bpf/libbpf-unavailable-error.ts';
import { openPinned, pin } from '../system/bpf/pin.ts';
import { readProgramInfo } from '../system/bpf/program-info.ts';
import { close } from '../system/libc.ts';
import type { Decapsulator, DecapsulatorContent, InstalledDecapsulator } from './decapsulator.ts';
import { Attachment } from './decapsulator-attachment.ts';
import {
  addressEntries,
  readAddresses,
  readCounters,
  readTunnels,
  replaceEntries,
  tunnelEntries,
} from './decapsulator-entries.ts';
import { decapsulatorObject } from './decapsulator-object.ts';
import { USUAL_PIN_DIRECTORY } from './usual-place.ts';

const MAPS = ['addresses', 'tunnels', 'counters'] as const;
const PROGRAM = 'program';

/** {@link Decapsulator} by bpf/decapsulate.bpf.c at tc ingress, in the network namespace of the calling thread. */
export class BpfDecapsulator implements Decapsulator {
  readonly directory: string;
  readonly #tcx: boolean;

  /** Without `tcx` it does as on a kernel before 6.6, which has none. */
  constructor(directory = USUAL_PIN_DIRECTORY, tcx = true) {
    this.directory = directory;
    this.#tcx = tcx;
  }

  read(interfaces: readonly number[]): InstalledDecapsulator | undefined {
    return explained('read', () => {
      if (!names(this.directory).includes(PROGRAM)) return undefined;
      const [addresses, tunnels, counters] = this.#openMaps();
      const object = this.#load(false);
      const program = { fd: openPinned(this.#path(PROGRAM)) };
      try {
        return {
          ...readAddresses(addresses),
          tunnels: readTunnels(tunnels),
          counters: readCounters(counters),
          attached: interfaces.filter((index) => this.#attachment(index).runs(program)),
          outdated: tagOf(program) !== tagOf(object.program('vipr_decapsulate')),
        };
      } finally {
        close(program.fd);
        object.close();
        for (const map of [addresses, tunnels, counters]) map.close();
      }
    });
  }

  install(content: DecapsulatorContent): void {
    explained('install', () => {
      this.#ensureDirectory();
      const object = this.#load(true);
      try {
        const program = object.program('vipr_decapsulate');
        this.#fill(object, content);
        // The new program goes under its final name only where it differs: a second run changes nothing.
        if (!this.#isPinned(tagOf(program))) {
          rmSync(this.#path(PROGRAM), { force: true });
          pin(program, this.#path(PROGRAM));
        }
      } finally {
        object.close();
      }
      const program = { fd: openPinned(this.#path(PROGRAM)) };
      try {
        for (const { index } of content.interfaces) this.#attachment(index).attach(program);
      } finally {
        close(program.fd);
      }
    });
  }

  remove(interfaces: readonly number[]): boolean {
    return explained('remove', () => {
      for (const index of interfaces) this.#attachment(index).detach();
      if (!existsSync(this.directory)) return false;
      for (const name of readdirSync(this.directory)) rmSync(this.#path(name));
      rmdirSync(this.directory);
      return true;
    });
  }

  #attachment(index: number): Attachment {
    return new Attachment(this.directory, index, this.#tcx);
  }

  #path(name: string): string {
    return join(this.directory, name);
  }

  /** With the maps that are pinned, and what they hold and count; those that are not yet are pinned by that. */
  #load(pinned: boolean): BpfObject {
    const object = BpfObject.open(decapsulatorObject(), 'vipr_decap');
    try {
      if (pinned) for (const name of MAPS) object.map(name).setPinPath(this.#path(name));
      object.load();
      return object;
    } catch (error) {
      object.close();
      throw error;
    }
  }

  #fill(object: BpfObject, content: DecapsulatorContent): void {
    const addresses = object.map('addresses').open();
    const tunnels = object.map('tunnels').open();
    try {
      replaceEntries(addresses, addressEntries(content));
      replaceEntries(tunnels, tunnelEntries(content.tunnels));
    } finally {
      addresses.close();
      tunnels.close();
    }
  }

  #openMaps(): [BpfMap, BpfMap, BpfMap] {
    const open = (name: string): BpfMap => BpfMap.fromDescriptor(openPinned(this.#path(name)));
    return [open('addresses'), open('tunnels'), open('counters')];
  }

  #isPinned(tag: string): boolean {
    if (!existsSync(this.#path(PROGRAM))) return false;
    const program = { fd: openPinned(this.#path(PROGRAM)) };
    try {
      return tagOf(program) === tag;
    } finally {
      close(program.fd);
    }
  }

  /** A BPF file system that is mounted here is of no use where the mount ends with the command. */
  #ensureDirectory(): void {
    const parent = join(this.directory, '..');
    if (!isBpfFileSystem(parent) && mountsEndWithUs()) {
      throw new ViprError('SYSTEM_CALL_FAILED', `${parent} is not on a BPF file system.`, {
        hint: 'Name a directory on one that outlives this command with --bpf-dir: inside `ip netns exec`, /sys is another one than outside.',
      });
    }
    ensureBpfFileSystem(parent);
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }
}

function tagOf(program: { readonly fd: number }): string {
  return readProgramInfo(program.fd).tag;
}

function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Whether mounts end with this process, as under `ip netns exec`: the first process, or the one that started us, has others. */
function mountsEndWithUs(): boolean {
  const own = mountNamespaceOf('self');
  return [1, process.ppid].map(mountNamespaceOf).some((other) => other !== undefined && other !== own);
}

/** Undefined where it may not be read. */
function mountNamespaceOf(process: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** Runs `work`, and makes what it throws a ViprError. */
function explained<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ViprError ? error : explain(what, error);
  }
}

function explain(what: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const message = `Cannot ${what} the program that takes tunnels off: ${cause.message}`;
  if (cause instanceof LibbpfUnavailableError)
    return new ViprError('SYSTEM_CALL_FAILED', message, {
      cause,
      hint: 'Install libbpf 1.0 or newer (Debian: libbpf1), or let the kernel do it with --decapsulation kernel.',
    });
  const errno = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  if (errno === 'EPERM' || errno === 'EACCES')
    return new ViprError('PERMISSION_DENIED', message, { cause, errno, hint: 'Run the command as root.' });
  return new ViprError('SYSTEM_CALL_FAILED', message, {
    cause,
    ...(errno === undefined ? {} : { errno }),
    hint:
      cause instanceof BpfError
        ? 'It needs Linux 5.15 or newer with BPF and its JIT; after an upgrade of vipr run undo first, then setup.'
        : 'Name a directory on a BPF file system with --bpf-dir.',
  });
}
