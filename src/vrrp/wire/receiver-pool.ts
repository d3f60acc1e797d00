import type { Family, IpAddress } from '../../model/address.ts';
import type { VrrpStatus } from '../../model/vrrp-status.ts';
import type { Advertisement } from '../packet/advertisement.ts';
import { decodeAdvertisement, type ReceivedPacket } from '../packet/decode-advertisement.ts';
import type { WireInterface } from './vrrp-receiver.ts';
import type { VrrpWire } from './vrrp-wire.ts';

/** Takes advertisements of one virtual router. */
export type Listener = (advertisement: Advertisement, source: IpAddress) => void;

interface Shared {
  readonly receiver: { close(): void };
  readonly listeners: Map<number, Set<Listener>>;
}

/** One receiver for each interface and family, shared by the instances there. */
export class ReceiverPool {
  readonly #wire: VrrpWire;
  readonly #onFailure: (text: string) => void;
  readonly #shared = new Map<string, Shared>();
  readonly #malformed: Record<string, number> = {};
  #unknownRouter = 0;

  constructor(wire: VrrpWire, onFailure: (text: string) => void) {
    this.#wire = wire;
    this.#onFailure = onFailure;
  }

  get packets(): VrrpStatus['packets'] {
    return { malformed: { ...this.#malformed }, unknownRouter: this.#unknownRouter };
  }

  /** Throws where nothing can be received there; the answer ends it. */
  listen(on: WireInterface, family: Family, virtualRouterId: number, listener: Listener): () => void {
    const key = `${on.index} ${family}`;
    const shared = this.#shared.get(key) ?? this.#open(key, on, family);
    const listeners = shared.listeners.get(virtualRouterId) ?? new Set();
    shared.listeners.set(virtualRouterId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && shared.listeners.get(virtualRouterId) === listeners)
        shared.listeners.delete(virtualRouterId);
      if (shared.listeners.size > 0) return;
      shared.receiver.close();
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
    };
  }

  #open(key: string, on: WireInterface, family: Family): Shared {
    const listeners: Shared['listeners'] = new Map();
    const receiver = this.#wire.receive(
      on,
      family,
      (packet) => this.#hear(packet, listeners),
      (error) => {
        this.#onFailure(
          `nothing is heard on ${on.name} any more: ${error instanceof Error ? error.message : error}`,
        );
      },
    );
    const shared = { receiver, listeners };
    this.#shared.set(key, shared);
    return shared;
  }

  #hear(packet: ReceivedPacket, listeners: Shared['listeners']): void {
    const { advertisement, refusal } = decodeAdvertisement(packet);
    if (advertisement === undefined) {
      this.#malformed[refusal] = (this.#malformed[refusal] ?? 0) + 1;
      return;
    }
    const found = listeners.get(advertisement.virtualRouterId);
    if (found === undefined) this.#unknownRouter += 1;
    for (const listener of found ?? []) listener(advertisement, packet.source);
  }
}
