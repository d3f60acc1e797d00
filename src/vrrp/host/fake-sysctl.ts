import type { InterfaceSetting, InterfaceSysctl } from './interface-sysctl.ts';

/** Settings in memory, for tests: `ipv4/eth0/arp_ignore` and the like. */
export class FakeSysctl implements InterfaceSysctl {
  readonly values: Map<string, string>;

  constructor(values: Readonly<Record<string, string>> = {}) {
    this.values = new Map(Object.entries(values));
  }

  read(setting: InterfaceSetting): string | undefined {
    return this.values.get(keyOf(setting));
  }

  write(setting: InterfaceSetting, value: string): void {
    this.values.set(keyOf(setting), value);
  }
}

function keyOf({ family, interface: device, name }: InterfaceSetting): string {
  return `${family}/${device}/${name}`;
}
