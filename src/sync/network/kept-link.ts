import type { IpAddress } from '../../model/address.ts';
import { familyOf } from '../../model/address.ts';
import type { SyncDaemon } from '../../model/daemon.ts';
import type { SyncServiceModules, SyncSystem } from '../service-modules.ts';
import { LOOK_MS } from '../timing.ts';
import { addressFor } from './host-address.ts';
import type { Closable, Failed } from './sync-network.ts';

export interface KeptLinkModules<T extends Closable>
  extends Pick<SyncSystem, 'network' | 'after'>,
    Pick<SyncServiceModules, 'info' | 'warn'> {
  readonly daemon: Pick<SyncDaemon, 'role' | 'interface' | 'group'>;
  /** What is kept open, in messages: `multicast`, say. */
  readonly what: string;
  readonly open: (address: IpAddress, failed: Failed) => Promise<T>;
  /** Told each time that it was opened. */
  readonly opened?: () => void;
}

/**
 * Keeps something open on an address of an interface: looks each second whether the address is still there and, where it is not or something failed,
 * opens it anew.
 */
export class KeptLink<T extends Closable> {
  readonly #modules: KeptLinkModules<T>;
  #current: T | undefined;
  #address: IpAddress | undefined;
  #fault: string | undefined;
  #closed = false;
  #cancel = (): void => {};

  constructor(modules: KeptLinkModules<T>) {
    this.#modules = modules;
    void this.#look();
  }

  /** Absent while it does not work. */
  get current(): T | undefined {
    return this.#current;
  }

  /** The address that it is open on. */
  get address(): IpAddress | undefined {
    return this.#current === undefined ? undefined : this.#address;
  }

  /** Why it does not work; absent while it does. */
  get fault(): string | undefined {
    return this.#fault;
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#drop();
  }

  async #look(): Promise<void> {
    await this.#keep().catch((error: unknown) => this.#failed(error));
    if (!this.#closed) this.#cancel = this.#modules.after(LOOK_MS, () => void this.#look());
  }

  async #keep(): Promise<void> {
    const { daemon, network, open } = this.#modules;
    const address = addressFor(daemon.group, daemon.interface, network.addresses(), this.#address);
    if (this.#current !== undefined && address === this.#address) return;
    this.#drop();
    this.#address = address;
    if (address === undefined) {
      const version = familyOf(daemon.group) === 'inet6' ? 'IPv6' : 'IPv4';
      this.#tellFault(`${daemon.interface} is not there, is down, or has no ${version} address`);
      return;
    }
    const link: { opened?: T; failure?: Error } = {};
    link.opened = await open(address, (error) => {
      link.failure = error;
      if (this.#current !== undefined && this.#current === link.opened) this.#failed(error);
    });
    if (this.#closed || link.failure !== undefined) link.opened.close();
    if (this.#closed) return;
    if (link.failure !== undefined) throw link.failure;
    this.#current = link.opened;
    this.#tellRecovery();
    this.#modules.opened?.();
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    this.#drop();
    this.#tellFault(`${this.#modules.what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  #drop(): void {
    this.#current?.close();
    this.#current = undefined;
  }

  #tellFault(fault: string): void {
    if (this.#fault === undefined) this.#modules.warn(`${this.#name()}: ${fault}`);
    this.#fault = fault;
  }

  #tellRecovery(): void {
    if (this.#fault !== undefined) this.#modules.info(`${this.#name()}: ${this.#modules.what} works`);
    this.#fault = undefined;
  }

  #name(): string {
    return `${this.#modules.daemon.role} sync daemon on ${this.#modules.daemon.interface}`;
  }
}
