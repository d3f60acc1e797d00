import { join } from 'node:path';
import { unpackedWithDependencies } from '../../vm/lab/packages.ts';
import { LabUnavailable } from '../../vm/lab/unavailable.ts';
import type { Host } from '../lab/host.ts';
import type { Program } from '../lab/program.ts';

export interface UnpackedServer {
  /** The Debian package, and its program as a path below the root. */
  readonly package: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/**
 * Starts a server from a Debian package that is unpacked into the cache, with what it depends on, and not installed: an installed one would
 * start on this machine by itself. Throws LabUnavailable where the package cannot be had.
 */
export function startUnpackedServer(host: Host, server: UnpackedServer): Promise<Program> {
  const root = unpack(server.package);
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu'].map((path) => join(root, path));
  const words = ['sh', '-ec', WITHOUT_RESOLVER, join(root, server.program), ...server.args];
  return host.startServer(words, server.protocol, [server.port], {
    environment: { LD_LIBRARY_PATH: libraries.join(':') },
  });
}

/** Why servers of these packages cannot be started here; undefined where they can. */
export function packagesUnavailable(...packages: readonly string[]): string | undefined {
  try {
    for (const name of packages) unpack(name);
    return undefined;
  } catch (error) {
    if (error instanceof LabUnavailable) return error.message;
    throw error;
  }
}

/**
 * Servers look up the names of their clients before they greet; in the lab the machine's resolver does not answer, and that takes long. Each
 * program has mounts of its own (Host). Without the file, 127.0.0.1 is asked, which refuses at once, or knows.
 */
const WITHOUT_RESOLVER =
  '[ ! -e /etc/resolv.conf ] || mount --bind /dev/null /etc/resolv.conf; exec "$0" "$@"';

function unpack(name: string): string {
  return unpackedWithDependencies(`peer-${name}`, [name]);
}
