import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { InetSetting } from '../../netlink/route/interface-settings.ts';

/** Settings of interfaces by their names: net.ipv4.conf (Documentation/networking/ip-sysctl.rst). */
export interface InetSettings {
  /** Undefined where there is no such interface. */
  read(device: string, setting: InetSetting): number | undefined;
  /** Rejects where they cannot be changed. */
  write(device: string, values: Readonly<Partial<Record<InetSetting, number>>>): Promise<void>;
}

/** What an interface is to have, and what may be there instead. */
const WANTED = [
  // Answers for addresses of its own only: those of the interface above it are answered there, with the virtual MAC address.
  { name: 'arp_ignore', value: 1, isEnough: (value: number) => value !== 0 },
  // Asks from an address of its own: neighbours take who asks for where the address is.
  { name: 'arp_announce', value: 2, isEnough: (value: number) => value === 2 },
] as const;

interface Held {
  count: number;
  readonly before: Map<InetSetting, number>;
}

/** Keeps interfaces from telling, by ARP, their own MAC address for addresses that are on a macvlan above them. */
export class ArpRestraint {
  readonly #settings: InetSettings;
  readonly #held = new Map<string, Held>();
  /** One after the other, as each looks at what there is. */
  #work: Promise<void> = Promise.resolve();

  constructor(settings: InetSettings) {
    this.#settings = settings;
  }

  /** Rejects where the settings cannot be changed. Counts: each time is to be released once. */
  restrain(device: string): Promise<void> {
    return this.#next(() => this.#restrain(device));
  }

  /** Has the interface be as it was, but for what was changed by others since. One that is gone is no failure. */
  release(device: string): Promise<void> {
    return this.#next(() => this.#release(device));
  }

  #next(step: () => Promise<void>): Promise<void> {
    const done = this.#work.then(step);
    this.#work = done.catch(() => {});
    return done;
  }

  async #restrain(device: string): Promise<void> {
    const held = this.#held.get(device) ?? { count: 0, before: new Map() };
    for (const { name, value, isEnough } of WANTED) {
      const before = this.#settings.read(device, name);
      if (before === undefined || isEnough(before)) continue;
      await this.#settings.write(device, { [name]: value });
      held.before.set(name, before);
    }
    held.count += 1;
    this.#held.set(device, held);
  }

  async #release(device: string): Promise<void> {
    const held = this.#held.get(device);
    if (held === undefined) return;
    held.count -= 1;
    if (held.count > 0) return;
    this.#held.delete(device);
    for (const { name, value } of WANTED) {
      const before = held.before.get(name);
      if (before === undefined || this.#settings.read(device, name) !== value) continue;
      await this.#settings.write(device, { [name]: before }).catch(unlessGone);
    }
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof NetlinkError && error.code === 'ENODEV')) throw error;
}
