import type { Family } from '../../model/address.ts';
import type { VrrpStatus } from '../../model/vrrp-status.ts';
import type { Sender } from '../machine/judge-advertisement.ts';
import type { Advertisement } from '../packet/advertisement.ts';
import { decodeAdvertisement, type ReceivedPacket } from '../packet/decode-advertisement.ts';
import { describeRefusal } from '../packet/describe-refusal.ts';
import { retryDelay } from '../retry-delay.ts';
import type { Timers } from '../run-script.ts';
import { ToldTexts } from '../told-texts.ts';
import type { HeardOn, WireInterface } from './vrrp-receiver.ts';
import type { VrrpWire } from './vrrp-wire.ts';

/** Takes advertisements of one virtual router. */
export type Listener = (advertisement: Advertisement, from: Sender) => void;

export interface ReceiverPoolModules {
  readonly wire: VrrpWire;
  readonly timers: Timers;
  /** Told once for a receiver that fails; it is opened again, and again, until that lasts. */
  readonly onFailure: (text: string) => void;
  /** Told of who sends what is no advertisement, once for each reason. */
  readonly onOddity: (text: string) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** {@link ReceiverPool.isDeaf} says something else now. */
  readonly onChange: () => void;
}

interface Shared {
  readonly on: HeardOn;
  readonly family: Family;
  readonly listeners: Map<number, Set<Listener>>;
  /** Undefined while it could not be opened again. */
  receiver: { close(): void } | undefined;
  failures: number;
  disarm: () => void;
}

/** How long a receiver has to last until a failure is another one, in milliseconds. */
const LASTING = 10_000;

/** One receiver for each interface and family, shared by the instances there. Those that fail are opened again. */
export class ReceiverPool {
  readonly #modules: ReceiverPoolModules;
  readonly #oddities: ToldTexts;
  readonly #shared = new Map<string, Shared>();
  readonly #malformed: Record<string, number> = {};
  #unknownRouter = 0;

  constructor(modules: ReceiverPoolModules) {
    this.#modules = modules;
    this.#oddities = new ToldTexts(modules.now);
  }

  get packets(): VrrpStatus['packets'] {
    return { malformed: { ...this.#malformed }, unknownRouter: this.#unknownRouter };
  }

  /** Throws where nothing can be received there; the answer ends it. */
  listen(on: HeardOn, family: Family, virtualRouterId: number, listener: Listener): () => void {
    const key = `${on.index} ${family}`;
    const shared = this.#shared.get(key) ?? this.#open(key, on, family);
    const listeners = shared.listeners.get(virtualRouterId) ?? new Set();
    shared.listeners.set(virtualRouterId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && shared.listeners.get(virtualRouterId) === listeners)
        shared.listeners.delete(virtualRouterId);
      if (shared.listeners.size > 0) return;
      shared.disarm();
      shared.receiver?.close();
      if (this.#shared.get(key) === shared) this.#shared.delete(key);
    };
  }

  /** Whether nothing is heard there for now although somebody listens. */
  isDeaf(on: Pick<WireInterface, 'index'>, family: Family): boolean {
    const shared = this.#shared.get(`${on.index} ${family}`);
    return shared !== undefined && shared.receiver === undefined;
  }

  #open(key: string, on: HeardOn, family: Family): Shared {
    const listeners: Shared['listeners'] = new Map();
    const shared: Shared = { on, family, listeners, receiver: undefined, failures: 0, disarm: () => {} };
    this.#receive(shared);
    this.#shared.set(key, shared);
    return shared;
  }

  #receive(shared: Shared): void {
    const { wire, timers } = this.#modules;
    const { on, family } = shared;
    const receiver = wire.receive(
      on,
      family,
      (packet) => this.#hear(packet, shared),
      (error) => {
        receiver.close();
        if (shared.receiver === receiver) this.#failed(shared, error);
      },
    );
    shared.receiver = receiver;
    shared.disarm = timers.after(LASTING, () => {
      shared.failures = 0;
    });
  }

  #failed(shared: Shared, error: unknown): void {
    const { timers, onFailure, onChange } = this.#modules;
    shared.disarm();
    shared.receiver = undefined;
    shared.failures += 1;
    if (shared.failures === 1) {
      const why = error instanceof Error ? error.message : error;
      onFailure(`nothing is heard on ${shared.on.name} any more, which is opened again: ${why}`);
    }
    const again = () => {
      try {
        this.#receive(shared);
        onChange();
      } catch (reason) {
        this.#failed(shared, reason);
      }
    };
    const delay = retryDelay(shared.failures);
    if (delay === 0) again();
    else {
      shared.disarm = timers.after(delay, again);
      onChange();
    }
  }

  #hear(packet: ReceivedPacket, { on, listeners }: Shared): void {
    const { advertisement, refusal } = decodeAdvertisement(packet);
    if (advertisement === undefined) {
      this.#malformed[refusal] = (this.#malformed[refusal] ?? 0) + 1;
      const odd = `VRRP: ${packet.source} sends on ${on.name} what is no advertisement: ${describeRefusal(refusal, packet)}`;
      const text = this.#oddities.news(odd);
      if (text !== undefined) this.#modules.onOddity(text);
      return;
    }
    const found = listeners.get(advertisement.virtualRouterId);
    if (found === undefined) this.#unknownRouter += 1;
    for (const listener of found ?? []) listener(advertisement, packet);
  }
}
