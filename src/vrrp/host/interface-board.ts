import type { InterfaceAddress } from '../../netlink/route/interface-address.ts';
import type { Link } from '../../netlink/route/link.ts';
import type { RouteChange, Watched } from '../../netlink/route/route-watch.ts';
import type { Timers } from '../run-script.ts';

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
export interface BoardNetlink {
  readonly links: { list(): Promise<Link[]> };
  readonly addresses: { list(): Promise<InterfaceAddress[]> };
  watch(...watched: readonly Watched[]): AsyncIterable<RouteChange> & { close(): void };
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
  readonly #onFailure: (error: unknown) => void;
  #entries = new Map<number, Entry>();
  #names = new Map<string, Entry>();
  #watch: { close(): void } | undefined;
  #disarm: (() => void) | undefined;

  /** `onChange` is called once for changes that come together; `onFailure` when nothing more is learned. */
  constructor(
    netlink: BoardNetlink,
    timers: Timers,
    { onChange, onFailure }: { onChange: () => void; onFailure: (error: unknown) => void },
  ) {
    this.#netlink = netlink;
    this.#timers = timers;
    this.#onChange = onChange;
    this.#onFailure = onFailure;
  }

  /** Resolves when the interfaces are known. Rejects where rtnetlink does. */
  async open(): Promise<void> {
    // Before the lists: what changes in between must not be missed.
    const watch = this.#netlink.watch('link', 'address');
    this.#watch = watch;
    await this.#list();
    this.#follow(watch).catch((error: unknown) => {
      if (this.#watch === watch) this.#onFailure(error);
    });
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
    const watch = this.#watch;
    this.#watch = undefined;
    watch?.close();
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

  async #follow(watch: AsyncIterable<RouteChange>): Promise<void> {
    for await (const change of watch) {
      if (change.kind === 'lost') await this.#list();
      else this.#take(change);
      this.#disarm ??= this.#timers.after(0, () => {
        this.#disarm = undefined;
        this.#onChange();
      });
    }
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
