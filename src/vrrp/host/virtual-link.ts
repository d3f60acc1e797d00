import type { Timers } from '../run-script.ts';
import type { InterfaceBoard } from './interface-board.ts';
import type { VirtualLinkHost, VirtualLinkParent, VirtualLinkSettings } from './virtual-link-host.ts';

export interface VirtualLinkModules {
  readonly host: VirtualLinkHost;
  readonly board: Pick<InterfaceBoard, 'find'>;
  readonly timers: Timers;
  /** {@link VirtualLink.look} would answer something else now. */
  readonly onChange: () => void;
  /** One that could not be removed; a phrase. */
  readonly onFailure: (text: string) => void;
}

/** From a failure to the next attempt, in milliseconds. */
const RETRY = 5000;

type State =
  | { readonly kind: 'absent' }
  | { readonly kind: 'making' | 'made' | 'failed'; readonly parent: VirtualLinkParent; readonly why: string };

/** The interface with a virtual MAC address, which comes and goes with the one that it lies on. */
export class VirtualLink {
  readonly #settings: VirtualLinkSettings;
  readonly #modules: VirtualLinkModules;
  #state: State = { kind: 'absent' };
  #index: number | undefined;
  #wasSeen = false;
  #work: Promise<void> = Promise.resolve();
  #cancelRetry: () => void = () => {};

  constructor(settings: VirtualLinkSettings, modules: VirtualLinkModules) {
    this.#settings = settings;
    this.#modules = modules;
  }

  /** Whether it is not being made for now. */
  get isSettled(): boolean {
    return this.#state.kind !== 'making';
  }

  /** Where it is, while it is there. */
  get place():
    | { readonly name: string; readonly index: number; readonly hardwareAddress: Uint8Array }
    | undefined {
    const { name, address: hardwareAddress } = this.#settings;
    return this.#index === undefined ? undefined : { name, index: this.#index, hardwareAddress };
  }

  /** Has it be on an interface, or nowhere; to be called when interfaces have changed. The answer says why it cannot be used. */
  look(parent: VirtualLinkParent | undefined): string | undefined {
    const state = this.#state;
    if (state.kind !== 'absent' && (state.parent.index !== parent?.index || this.#isGone())) this.#drop();
    if (parent === undefined) return undefined;
    if (this.#state.kind === 'absent') this.#make(parent);
    return this.#state.kind === 'absent' || this.#state.kind === 'made' ? undefined : this.#state.why;
  }

  /** Removes it. */
  async stop(): Promise<void> {
    this.#drop();
    await this.#work;
  }

  /** Somebody else removed it: it was seen, and is not there. */
  #isGone(): boolean {
    if (this.#index === undefined) return false;
    const isThere = this.#modules.board.find(this.#settings.name)?.index === this.#index;
    this.#wasSeen ||= isThere;
    return this.#wasSeen && !isThere;
  }

  #make({ name, index }: VirtualLinkParent): void {
    const parent = { name, index };
    const { host, timers, onChange } = this.#modules;
    const making: State = { kind: 'making', parent, why: `interface ${this.#settings.name} is being made` };
    this.#state = making;
    this.#work = this.#work.then(async () => {
      try {
        const made = await host.make(this.#settings, parent);
        if (this.#state !== making) return await host.remove(this.#settings, parent);
        this.#state = { ...making, kind: 'made' };
        this.#index = made;
      } catch (error) {
        if (this.#state !== making) return;
        const why = `interface ${this.#settings.name} cannot be made: ${textOf(error)}`;
        const failed: State = { kind: 'failed', parent, why };
        this.#state = failed;
        this.#cancelRetry = timers.after(RETRY, () => {
          if (this.#state === failed) this.#state = { kind: 'absent' };
          onChange();
        });
      }
      onChange();
    });
  }

  #drop(): void {
    const state = this.#state;
    this.#cancelRetry();
    this.#state = { kind: 'absent' };
    this.#index = undefined;
    this.#wasSeen = false;
    if (state.kind !== 'made') return;
    const { host, onFailure } = this.#modules;
    this.#work = this.#work
      .then(() => host.remove(this.#settings, state.parent))
      .catch((error: unknown) =>
        onFailure(`interface ${this.#settings.name} was not removed: ${textOf(error)}`),
      );
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
