import type { IpAddress } from '../../../model/address.ts';
import { monotonicMilliseconds } from '../../../system/clock.ts';
import type { HostNetwork } from '../network/host-network.ts';
import { type NextHopModules, NextHopResolver } from './next-hop-resolver.ts';

export interface NextHopServiceModules extends NextHopModules {
  readonly network: HostNetwork;
  readonly warn: (text: string) => void;
}

/** Milliseconds in which changes gather before they are looked into. */
const GATHER = 20;
const TICK = 1000;

/** Runs a {@link NextHopResolver}: hears the network's changes and works some milliseconds after them. */
export class NextHopService {
  readonly #resolver: NextHopResolver;
  readonly #warn: (text: string) => void;
  readonly #stopListening: () => void;
  readonly #tick: NodeJS.Timeout;
  #gather: NodeJS.Timeout | undefined;
  #ticking = false;
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(modules: NextHopServiceModules) {
    this.#resolver = new NextHopResolver(modules);
    this.#warn = modules.warn;
    this.#stopListening = modules.network.listen((change) => {
      this.#resolver.heard(change);
      if (this.#resolver.busy) this.#workSoon();
    });
    this.#tick = setInterval(() => void this.#onTick(), TICK);
  }

  add(id: number, address: IpAddress): void {
    this.#resolver.add(id, address);
    this.#workSoon();
  }

  remove(id: number): void {
    this.#resolver.remove(id);
  }

  /** Resolves when everything that was asked for or heard until now is in the map, as far as the kernel knows it. */
  settled(): Promise<void> {
    return this.#run((now) => this.#resolver.work(now));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    clearInterval(this.#tick);
    clearTimeout(this.#gather);
    await this.#working;
  }

  async #onTick(): Promise<void> {
    if (this.#ticking) return;
    this.#ticking = true;
    await this.#run((now) => this.#resolver.tick(now));
    this.#ticking = false;
  }

  #workSoon(): void {
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      void this.#run((now) => this.#resolver.work(now));
    }, GATHER);
  }

  /** One after the other: each run finds the state that the one before left. */
  #run(step: (now: number) => Promise<void>): Promise<void> {
    this.#working = this.#working.then(async () => {
      if (this.#closed) return;
      try {
        await step(monotonicMilliseconds());
      } catch (error) {
        if (!this.#closed) this.#warn(`next hops cannot be looked up: ${(error as Error).message}`);
      }
    });
    return this.#working;
  }
}
