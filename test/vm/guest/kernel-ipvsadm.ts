import { inspect } from 'node:util';
import type { Engine } from '../../../src/engines/engine.ts';
import { openIpvsEngine } from '../../../src/engines/ipvs/open-ipvs-engine.ts';
import { runIpvsadm } from '../../../src/ipvsadm/run.ts';
import { runIpvsadmRestore } from '../../../src/ipvsadm/run-restore.ts';
import { runIpvsadmSave } from '../../../src/ipvsadm/run-save.ts';
import type { IpvsadmIo } from '../../../src/ipvsadm/session.ts';
import { systemNames } from '../../../src/ipvsadm/system-names.ts';

const PROGRAMS = {
  ipvsadm: runIpvsadm,
  'ipvsadm-save': runIpvsadmSave,
  'ipvsadm-restore': runIpvsadmRestore,
};

export type ProgramName = keyof typeof PROGRAMS;
export const PROGRAM_NAMES = Object.keys(PROGRAMS) as ProgramName[];

/**
 * Runs one of vipr's commands on the kernel's IPVS as a process of its own would: with an engine of its own, and exit code 1
 * where it throws.
 */
export async function kernelIpvsadm(
  program: ProgramName,
  args: readonly string[],
  io: IpvsadmIo,
): Promise<number> {
  let engine: Engine | undefined;
  const openEngine = async (): Promise<Engine> => {
    engine ??= await openIpvsEngine();
    return engine;
  };
  try {
    return await PROGRAMS[program](args, io, { openEngine, names: systemNames() });
  } catch (error) {
    io.stderr(`${inspect(error)}\n`);
    return 1;
  } finally {
    await engine?.close(0);
  }
}
