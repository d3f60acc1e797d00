import { fileURLToPath } from 'node:url';
import type { Host } from '../../../test/netns/lab/host.ts';
import type { Program } from '../../../test/netns/lab/program.ts';
import type { LargeFile } from '../../../test/netns/peer/large-file.ts';

/** What a download gets, so that there is time for something to happen to it: 100 MB in 10 s. */
export const MEGABYTES_A_SECOND = 10;

/** A real server that answers HTTP with the file, slowly. */
export function startFileServer(host: Host, port: number, { path }: LargeFile): Promise<Program> {
  const script = fileURLToPath(new URL('file-server.ts', import.meta.url));
  const words = [process.execPath, script, port, path, MEGABYTES_A_SECOND].map(String);
  return host.startServer(words, 'tcp', [port]);
}
