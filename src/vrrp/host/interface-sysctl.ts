import { readFileSync, writeFileSync } from 'node:fs';

/** Settings of interfaces in /proc/sys, of this process's network namespace. */
export interface InterfaceSysctl {
  /** `path` is `ipv4/conf/eth0/arp_ignore` and the like. Undefined where there is no such setting. */
  read(path: string): string | undefined;
  /** Throws where it cannot be written. */
  write(path: string, value: string): void;
}

export const SYSTEM_SYSCTL: InterfaceSysctl = {
  read(path) {
    try {
      return readFileSync(`/proc/sys/net/${path}`, 'latin1').trim();
    } catch {
      return undefined;
    }
  },
  write: (path, value) => writeFileSync(`/proc/sys/net/${path}`, value),
};
