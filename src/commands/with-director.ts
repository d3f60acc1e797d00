import { DirectorClient } from '../api/client.ts';
import { directorSocketPath } from '../api/socket-path.ts';
import type { CommandContext } from './command-context.ts';

/** Every subcommand that asks a director has it: its flags, and what they mean. */
export const SOCKET_OPTION = [
  '--socket <path>',
  'the control socket (default: VIPR_SOCKET, or a path for this user)',
] as const;

/** Lends the client of the director that runs, and closes it whatever becomes of the work. */
export async function withDirector<T>(
  { env }: Pick<CommandContext, 'env'>,
  socket: string | undefined,
  work: (client: DirectorClient) => Promise<T>,
): Promise<T> {
  const client = new DirectorClient(socket ?? directorSocketPath(env));
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
