import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RouteNetlink } from '../netlink/route/route-netlink.ts';
import { BpfDecapsulator } from './bpf-decapsulator.ts';
import { GuePorts } from './gue-ports.ts';
import type { Host } from './host.ts';
import { Sysctls } from './sysctls.ts';

const run = promisify(execFile);
/** Milliseconds that modprobe may take. */
const PATIENCE = 10_000;

/** This host, in the network namespace of the calling thread; `close` ends the connection to its kernel. */
export function openHost(): Host & { close(): void } {
  const netlink = new RouteNetlink();
  return {
    netlink,
    sysctls: new Sysctls(),
    guePorts: new GuePorts(),
    decapsulator: (directory) => new BpfDecapsulator(directory),
    hasModule: (name) => modprobe('--dry-run', '--quiet', '--', name),
    loadModule: async (name) => void (await modprobe('--quiet', '--', name)),
    close: () => netlink.close(),
  };
}

/** Whether it said so by its exit code; false also where it is not installed. */
async function modprobe(...args: readonly string[]): Promise<boolean> {
  try {
    await run('modprobe', args, { timeout: PATIENCE });
    return true;
  } catch {
    return false;
  }
}
