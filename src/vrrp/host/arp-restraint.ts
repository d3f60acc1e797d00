import type { InterfaceSetting, InterfaceSysctl } from './interface-sysctl.ts';

/** What an interface is to have, and what may be there instead. */
const WANTED = [
  // Answers for addresses of its own only: those of the interface above it are answered there, with the virtual MAC address.
  { name: 'arp_ignore', value: '1', isEnough: (value: string) => value !== '0' },
  // Asks from an address of its own: neighbours take who asks for where the address is.
  { name: 'arp_announce', value: '2', isEnough: (value: string) => value === '2' },
] as const;

interface Held {
  count: number;
  readonly before: Map<(typeof WANTED)[number]['name'], string>;
}

/** Keeps interfaces from telling, by ARP, their own MAC address for addresses that are on a macvlan above them. */
export class ArpRestraint {
  readonly #sysctl: InterfaceSysctl;
  readonly #held = new Map<string, Held>();

  constructor(sysctl: InterfaceSysctl) {
    this.#sysctl = sysctl;
  }

  /** Throws where the settings cannot be changed. Counts: each time is to be released once. */
  restrain(device: string): void {
    const held = this.#held.get(device) ?? { count: 0, before: new Map() };
    for (const { name, value, isEnough } of WANTED) {
      const setting = settingOf(device, name);
      const before = this.#sysctl.read(setting);
      if (before === undefined || isEnough(before)) continue;
      this.#sysctl.write(setting, value);
      held.before.set(name, before);
    }
    held.count += 1;
    this.#held.set(device, held);
  }

  /** Has the interface be as it was, but for what was changed by others since. One that is gone is no failure. */
  release(device: string): void {
    const held = this.#held.get(device);
    if (held === undefined) return;
    held.count -= 1;
    if (held.count > 0) return;
    this.#held.delete(device);
    for (const { name, value } of WANTED) {
      const setting = settingOf(device, name);
      const before = held.before.get(name);
      if (before !== undefined && this.#sysctl.read(setting) === value) this.#sysctl.write(setting, before);
    }
  }
}

function settingOf(device: string, name: string): InterfaceSetting {
  return { family: 'ipv4', interface: device, name };
}
