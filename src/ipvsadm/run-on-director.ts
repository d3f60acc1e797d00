import { existsSync } from 'node:fs';
import { DirectorClient } from '../api/client.ts';
import { directorSocketPath } from '../api/socket-path.ts';
import type { Engine } from '../engines/engine.ts';
import { expectBulk } from './bulk.ts';
import { FirstEngine } from './first-engine.ts';
import type { IpvsadmIo, IpvsadmModules } from './session.ts';
import { systemNames } from './system-names.ts';

type Run = (argv: readonly string[], io: IpvsadmIo, modules: IpvsadmModules) => Promise<number>;

/**
 * Runs an entry point with this machine's names on the director that `env` names, or on the one at the usual place, or, where none
 * runs there, on the kernel's own IPVS. Resolves to the exit code.
 */
export async function runOnDirector(
  run: Run,
  argv: readonly string[],
  io: IpvsadmIo,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const engine = engineOf(env);
  try {
    return await run(argv, io, { openEngine: async () => engine, names: systemNames() });
  } finally {
    await engine.close(0);
  }
}

function engineOf(env: NodeJS.ProcessEnv): Engine {
  const path = directorSocketPath(env);
  const director = async (): Promise<Engine> => new DirectorClient(path);
  if (env.VIPR_SOCKET) return new FirstEngine([director]);
  return new FirstEngine(existsSync(path) ? [director, openKernel] : [openKernel, director]);
}

/** Loaded only where it is needed: the foreign-function interface takes some milliseconds. */
async function openKernel(): Promise<Engine> {
  const { openIpvsEngine } = await import('../engines/ipvs/open-ipvs-engine.ts');
  return openIpvsEngine({ onManyServices: expectBulk });
}
