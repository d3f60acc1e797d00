import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BpfError } from '../../../system/bpf/bpf-error.ts';
import { BpfLink, type TcDirection } from '../../../system/bpf/bpf-link.ts';
import { pin } from '../../../system/bpf/pin.ts';
import {
  attachTcFilter,
  detachTcFilter,
  findTcFilter,
  type TcFilterPlace,
} from '../../../system/bpf/tc-filter.ts';
import { EBUSY } from '../../../system/constants.ts';
import { type DeviceHook, type Hook, parsePinName, pinName } from './hook.ts';
import { programName } from './program-name.ts';

/** A loaded program. */
interface Program {
  readonly fd: number;
}

export interface DataPlanePrograms {
  readonly xdp: Program;
  readonly ingress: Program;
  readonly egress: Program;
}

/** What attaches and detaches, one hook at a time. */
export interface Hooks {
  /** Those that have a program of ours, or had one when their device went. */
  list(): readonly DeviceHook[];
  /** Attaches the program, or puts it in the place of the one before without a packet in between. Throws a BpfError. */
  attach(where: DeviceHook): void;
  detach(where: DeviceHook): void;
}

/** The names of our programs by which filters are known, as the kernel keeps them. */
export const FILTER_PROGRAMS = { ingress: 'vipr_ingress', egress: 'vipr_egress' } as const;

/**
 * The hooks of the devices of this network namespace. Links are pinned in the directory, and so outlive this process; for filters,
 * which stay without a pin, the program is pinned there, to tell where they are.
 */
export class DeviceHooks implements Hooks {
  readonly #directory: string;
  readonly #programs: DataPlanePrograms;

  constructor(directory: string, programs: DataPlanePrograms) {
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
    this.#programs = programs;
  }

  list(): readonly DeviceHook[] {
    return listHooks(this.#directory);
  }

  attach(where: DeviceHook): void {
    const path = join(this.#directory, pinName(where));
    const program = this.#programOf(where.hook);
    if (isFilter(where.hook)) {
      const place = filterPlace(where);
      const found = findTcFilter(place);
      if (found !== undefined && !isOurs(found, place)) {
        throw new BpfError(`tc ${place.direction}, where another program has priority 1 and handle 1`, EBUSY);
      }
      attachTcFilter(program, place);
      rmSync(path, { force: true });
      pin(program, path);
      return;
    }
    if (updateLink(path, where.index, program)) return;
    const link = createLink(where, program);
    try {
      link.pin(path);
    } finally {
      link.close();
    }
  }

  detach(where: DeviceHook): void {
    detachHook(this.#directory, where);
  }

  #programOf(hook: Hook): Program {
    if (hook.startsWith('xdp')) return this.#programs.xdp;
    return this.#programs[directionOf(hook)];
  }
}

export function listHooks(directory: string): readonly DeviceHook[] {
  return readdirSync(directory).flatMap((name) => parsePinName(name) ?? []);
}

/** Takes the program off, and the pin away. A filter of another network namespace is out of reach: it has to be gone. */
export function detachHook(directory: string, where: DeviceHook, ownNamespace = true): void {
  const path = join(directory, pinName(where));
  if (isFilter(where.hook)) {
    if (!ownNamespace) {
      rmSync(path);
      return;
    }
    const place = filterPlace(where);
    const found = ignoringAbsentDevice(() => findTcFilter(place));
    if (found !== undefined && isOurs(found, place)) ignoringAbsentDevice(() => detachTcFilter(place));
  } else {
    // Somebody else may have the link open, which would keep it attached.
    const link = BpfLink.openPinned(path);
    try {
      ignoringAbsentDevice(() => link.detach());
    } finally {
      link.close();
    }
  }
  rmSync(path);
}

/** False where there is no such link, or one that has no device any more or does not take the program. */
function updateLink(path: string, index: number, program: Program): boolean {
  const link = openLink(path);
  if (link === undefined) return false;
  try {
    if (link.info().ifindex === index) {
      link.update(program);
      return true;
    }
  } catch (error) {
    // A program of another attach type: only a new link takes it.
    if (!(error instanceof BpfError)) throw error;
    ignoringAbsentDevice(() => link.detach());
  } finally {
    link.close();
  }
  rmSync(path);
  return false;
}

function openLink(path: string): BpfLink | undefined {
  try {
    return BpfLink.openPinned(path);
  } catch (error) {
    if (error instanceof BpfError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function createLink({ index, hook }: DeviceHook, program: Program): BpfLink {
  if (hook === 'xdp-native') return BpfLink.createXdp(program, index, 'native');
  if (hook === 'xdp-generic') return BpfLink.createXdp(program, index, 'generic');
  return BpfLink.createTcx(program, index, directionOf(hook));
}

function isFilter(hook: Hook): boolean {
  return hook.startsWith('filter');
}

function directionOf(hook: Hook): TcDirection {
  return hook.endsWith('egress') ? 'egress' : 'ingress';
}

function filterPlace({ index, hook }: DeviceHook): TcFilterPlace {
  return { ifindex: index, direction: directionOf(hook), priority: 1, handle: 1 };
}

/** By its program's name, where this process may ask for it: that takes CAP_SYS_ADMIN. */
function isOurs(programId: number, { direction }: TcFilterPlace): boolean {
  const name = programName(programId);
  return name === undefined || name === FILTER_PROGRAMS[direction];
}

/** The device can go at any moment, and its programs with it. */
function ignoringAbsentDevice<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof BpfError && ['ENODEV', 'ENOENT', 'EINVAL'].includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}
