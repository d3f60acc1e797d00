import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { ENODEV } from '../constants.ts';
import { close } from '../libc.ts';
import { SystemCallError } from '../system-call-error.ts';
import { BpfError } from './bpf-error.ts';
import { isBpfFileSystem, USUAL_BPF_FILE_SYSTEM } from './bpf-file-system.ts';
import { BpfLink } from './bpf-link.ts';
import { BpfMap } from './bpf-map.ts';
import { type Capability, hasCapability } from './capability.ts';
import * as c from './constants.ts';
import { libbpf } from './libbpf.ts';
import { LibbpfUnavailableError } from './libbpf-unavailable-error.ts';
import { loadProgram } from './load-program.ts';
import { readProgramInfo } from './program-info.ts';

/** Something that the system lacks. `what` is for programs, `why` says how it showed, `hint` what to do. */
export interface MissingFeature {
  readonly what:
    | 'capability'
    | 'bpf'
    | 'xdp'
    | 'tc'
    | 'jit'
    | 'bpf_loop'
    | 'tcx'
    | 'btf'
    | 'bpffs'
    | 'libbpf';
  readonly why: string;
  readonly hint: string;
}

const NEEDED: readonly Capability[] = ['CAP_BPF', 'CAP_NET_ADMIN', 'CAP_PERFMON'];

const MOVE_0_TO_R0 = 0xb7n;
const EXIT = 0x95n;
/** enum bpf_func_id: the helper that a call instruction names in its immediate. */
const BPF_FUNC_LOOP = 181n;
const CALL_LOOP = 0x85n | (BPF_FUNC_LOOP << 32n);
const NO_INTERFACE = 0x7fffffff;

/**
 * What of the system's BPF is missing, found by trying: maps and programs of two instructions are made and closed again, nothing is
 * attached. Empty where all is there; what of it matters is the caller's to say (tcx, for one, has a substitute in filters).
 * Takes a few milliseconds.
 *
 * @param pinRoot where pins are to lie, `/sys/fs/bpf` unless given: it has to be on a BPF file system, or mountable
 */
export function probeBpf(pinRoot: string = USUAL_BPF_FILE_SYSTEM): readonly MissingFeature[] {
  return [...probeCapabilities(), ...probeSystemCall(), ...probeFiles(pinRoot), ...probeLibbpf()];
}

function probeCapabilities(): readonly MissingFeature[] {
  const lacking = NEEDED.filter((capability) => !hasCapability(capability));
  if (lacking.length === 0) return [];
  return [
    {
      what: 'capability',
      why: `the process lacks ${lacking.join(', ')}`,
      hint: `Run as root, or give the service ${NEEDED.join(', ')}.`,
    },
  ];
}

function probeSystemCall(): readonly MissingFeature[] {
  const failure = failureOf(() =>
    BpfMap.create({ type: c.BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 1 }).close(),
  );
  if (failure === undefined) return [...probeXdp(), ...probeTc()];
  const hint =
    failure.code === 'ENOSYS'
      ? `Use a kernel with CONFIG_BPF_SYSCALL; this one is ${release()}.`
      : 'Run as root; in a container the seccomp profile has to allow bpf(2) too.';
  return [{ what: 'bpf', why: `maps cannot be made: ${failure.message}`, hint }];
}

/** XDP programs, and with one whether the JIT is on and the helper bpf_loop is there. */
function probeXdp(): readonly MissingFeature[] {
  const type = c.BPF_PROG_TYPE_XDP;
  const missing: MissingFeature[] = [];
  const failure = failureOf(() => {
    const fd = loadProgram({ type, instructions: [MOVE_0_TO_R0, EXIT] });
    try {
      if (readProgramInfo(fd).jitedLength === 0) missing.push(MISSING_JIT);
    } finally {
      close(fd);
    }
  });
  if (failure !== undefined) return [missingProgramType('xdp', 'XDP', failure)];
  // A kernel that does not know the helper says EINVAL. One that does finds fault with the arguments, which are not set: EACCES;
  // with which of them, and in what words, differs (kernel/bpf/verifier.c check_helper_call()).
  const call = failureOf(() => loadProgram({ type, instructions: [CALL_LOOP, MOVE_0_TO_R0, EXIT] }));
  if (!(call instanceof BpfError && call.code === 'EACCES'))
    missing.push({
      what: 'bpf_loop',
      why: `kernel ${release()} does not have the helper bpf_loop`,
      hint: 'Use linux 5.17 or later.',
    });
  return missing;
}

function probeTc(): readonly MissingFeature[] {
  let link: SystemCallError | undefined;
  const failure = failureOf(() => {
    const fd = loadProgram({ type: c.BPF_PROG_TYPE_SCHED_CLS, instructions: [MOVE_0_TO_R0, EXIT] });
    // A kernel with tcx looks for the interface, an older one does not get that far.
    link = failureOf(() => BpfLink.createTcx({ fd }, NO_INTERFACE, 'ingress').close());
    close(fd);
  });
  if (failure !== undefined) return [missingProgramType('tc', 'tc', failure)];
  if (link === undefined || link.errno === ENODEV) return [];
  return [
    {
      what: 'tcx',
      why: `kernel ${release()} does not have tcx links`,
      hint: 'Use linux 6.6 or later; until then filters of the clsact discipline do the same.',
    },
  ];
}

function probeFiles(pinRoot: string): readonly MissingFeature[] {
  const missing: MissingFeature[] = [];
  if (!existsSync('/sys/kernel/btf/vmlinux'))
    missing.push({
      what: 'btf',
      why: 'the kernel does not describe its types: there is no /sys/kernel/btf/vmlinux',
      hint: 'Use a kernel with CONFIG_DEBUG_INFO_BTF, as distributions ship it, and mount sysfs.',
    });
  if (!isBpfFileSystem(pinRoot) && !hasCapability('CAP_SYS_ADMIN'))
    missing.push({
      what: 'bpffs',
      why: `${pinRoot} is not on a BPF file system, and mounting one takes CAP_SYS_ADMIN`,
      hint: `Run \`mount -t bpf bpf ${USUAL_BPF_FILE_SYSTEM}\` as root.`,
    });
  return missing;
}

function probeLibbpf(): readonly MissingFeature[] {
  try {
    libbpf();
    return [];
  } catch (error) {
    if (error instanceof LibbpfUnavailableError)
      return [{ what: 'libbpf', why: error.message, hint: error.hint }];
    throw error;
  }
}

const MISSING_JIT: MissingFeature = {
  what: 'jit',
  why: 'programs are interpreted: the JIT compiler is off',
  hint: 'Run `sysctl net.core.bpf_jit_enable=1`.',
};

function missingProgramType(what: 'xdp' | 'tc', type: string, failure: SystemCallError): MissingFeature {
  return {
    what,
    why: `programs of type ${type} cannot be loaded: ${failure.message}`,
    hint: `Run as root, or with ${NEEDED.join(', ')}, on a kernel with CONFIG_NET and CONFIG_BPF_SYSCALL; this one is ${release()}.`,
  };
}

function failureOf(work: () => void): SystemCallError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof SystemCallError) return error;
    throw error;
  }
}
