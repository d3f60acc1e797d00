import { directorSocketPath } from '../api/socket-path.ts';
import type { Engine } from '../engines/engine.ts';
import type { IpvsadmIo, IpvsadmModules } from './session.ts';
import { systemNames } from './system-names.ts';

type Run = (argv: readonly string[], io: IpvsadmIo, modules: IpvsadmModules) => Promise<number>;

/** Runs an entry point on the director that `env` leads to, with this machine's names; resolves to the exit code. */
export async function runOnDirector(
  run: Run,
  argv: readonly string[],
  io: IpvsadmIo,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  let client: Engine | undefined;
  const openEngine = async (): Promise<Engine> => {
    if (client !== undefined) return client;
    const { DirectorClient } = await import('../api/client.ts');
    client = new DirectorClient(directorSocketPath(env));
    return client;
  };
  try {
    return await run(argv, io, { openEngine, names: systemNames() });
  } finally {
    await client?.close(0);
  }
}
