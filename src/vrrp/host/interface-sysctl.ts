import { readFileSync, writeFileSync } from 'node:fs';

/** Settings of interfaces: net.ipv4.conf.NAME and net.ipv6.conf.NAME (Documentation/networking/ip-sysctl.rst). */
export interface InterfaceSysctl {
  /** Undefined where the kernel, or the interface, has no such setting. */
  read(setting: InterfaceSetting): string | undefined;
  /** Throws where it cannot be written. */
  write(setting: InterfaceSetting, value: string): void;
}

export interface InterfaceSetting {
  readonly family: 'ipv4' | 'ipv6';
  readonly interface: string;
  readonly name: string;
}

/** Those of this process's network namespace. */
export const SYSTEM_SYSCTL: InterfaceSysctl = {
  read(setting) {
    try {
      return readFileSync(pathOf(setting), 'latin1').trim();
    } catch {
      return undefined;
    }
  },
  write: (setting, value) => writeFileSync(pathOf(setting), value),
};

function pathOf({ family, interface: device, name }: InterfaceSetting): string {
  return `/proc/sys/net/${family}/conf/${device}/${name}`;
}
