import type { RouteNetlink } from '../netlink/route/route-netlink.ts';
import type { Decapsulator } from './decapsulator.ts';
import type { GuePorts } from './gue-ports.ts';
import type { Sysctls } from './sysctls.ts';

/** The host that is to be a real server: everything that is read and changed of it. */
export interface Host {
  readonly netlink: RouteNetlink;
  readonly sysctls: Sysctls;
  readonly guePorts: GuePorts;
  /** By the directory of its pins. */
  decapsulator(directory: string): Decapsulator;
  /** Whether the kernel has a module, loaded, built in or to be loaded. */
  hasModule(name: string): Promise<boolean>;
  /** Loads a module; does nothing where that cannot be. */
  loadModule(name: string): Promise<void>;
}
