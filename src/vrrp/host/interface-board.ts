import type { InterfaceAddress } from '../../netlink/route/interface-address.ts';
import type { Link } from '../../netlink/route/link.ts';
import type { RouteChange } from '../../netlink/route/route-watch.ts';
import type { Timers } from '../run-script.ts';
import { FollowedWatch, type WatchNetlink } from './followed-watch.ts';

/** An interface, and what is known of it. */
export interface KnownInterface {
  readonly index: number;
  readonly name: string;
  /** Switched on, and with a carrier. */
  readonly isRunning: boolean;
  /** Switched on. */
  readonly isUp: boolean;
  /** 6 bytes on Ethernet, fewer or none elsewhere. */
  readonly hardwareAddress: Uint8Array;
  readonly addresses: readonly InterfaceAddress[];
}

/** What the board has of rtnetlink. */
export interface BoardNetlink extends WatchNetlink {
  readonly links: { list(): Promise<Link[]> };
  readonly addresses: { list(): Promise<InterfaceAddress[]> };
}

interface Entry {
  link: Link;
  readonly addresses: Map<string, InterfaceAddress>;
}

/** Knows the interfaces of the host with their addresses, and follows them. */
export class InterfaceBoard {
  readonly #netlink: BoardNetlink;
  readonly #timers: Timers;
  readonly #onChange: () => void;
  readonly #watch: FollowedWatch;
  #entries = new Map<number, Entry>();
  #names = new Map<string, Entry>();
  #disarm: (() => void) | undefined;

  /** `onChange` is called once for changes that come together; `onFailure` when nothing more was learned for a while. */
  constructor(
    netlink: BoardNetlink,
    timers: Timers,
    { onChange, onFailure }: { onChange: () => void; onFailure: (error: unknown) => void },
  ) {
    this.#netlink = netlink;
    this.#timers = timers;
    this.#onChange = onChange;
    const take = (change: RouteChange) => this.#hear(change);
    this.#watch = new FollowedWatch(['link', 'address'], { netlink, timers, take, onFailure });
  }

  /** Resolves when the interfaces are known. Rejects where rtnetlink does. */
  async open(): Promise<void> {
    await this.#watch.open();
  }

  find(name: string): KnownInterface | undefined {
    const entry = this.#names.get(name);
    if (entry === undefined) return undefined;
    const { index, up, carrier, address = '' } = entry.link;
    const bytes = address === '' ? [] : address.split(':').map((byte) => Number.parseInt(byte, 16));
    return {
      index,
      name,
      isUp: up,
      isRunning: up && carrier,
      hardwareAddress: Uint8Array.from(bytes),
      addresses: [...entry.addresses.values()],
    };
  }

  close(): void {
    this.#watch.close();
    this.#disarm?.();
  }

  async #list(): Promise<void> {
    const [links, addresses] = await Promise.all([
      this.#netlink.links.list(),
      this.#netlink.addresses.list(),
    ]);
    this.#entries = new Map(links.map((link) => [link.index, { link, addresses: new Map() }]));
    for (const address of addresses) this.#entries.get(address.index)?.addresses.set(keyOf(address), address);
    this.#index();
  }

  async #hear(change: RouteChange): Promise<void> {
    if (change.kind === 'lost') await this.#list();
    else this.#take(change);
    this.#disarm ??= this.#timers.after(0, () => {
      this.#disarm = undefined;
      this.#onChange();
    });
  }

  #take(change: RouteChange): void {
    if (change.kind === 'link') {
      const { link } = change;
      const known = this.#entries.get(link.index);
      if (change.change === 'deleted') this.#entries.delete(link.index);
      else if (known === undefined) this.#entries.set(link.index, { link, addresses: new Map() });
      else known.link = link;
      this.#index();
    } else if (change.kind === 'address') {
      const addresses = this.#entries.get(change.address.index)?.addresses;
      if (change.change === 'deleted') addresses?.delete(keyOf(change.address));
      else addresses?.set(keyOf(change.address), change.address);
    }
  }

  #index(): void {
    this.#names = new Map([...this.#entries.values()].map((entry) => [entry.link.name, entry]));
  }
}

function keyOf({ address, prefixLength }: InterfaceAddress): string {
  return `${address}/${prefixLength}`;
}
