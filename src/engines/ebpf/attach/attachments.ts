import type { Link } from '../../../netlink/route/link.ts';
import { BpfError } from '../../../system/bpf/bpf-error.ts';
import type { InterfaceAttachment } from '../../interface-attachment.ts';
import type { NetworkChange } from '../network/host-network.ts';
import type { Hooks } from './device-hooks.ts';
import { type Hook, pinName } from './hook.ts';
import { type InterfaceSelection, missingInterfaces, selectInterfaces } from './interface-selection.ts';
import { type AttachMode, chooseXdp } from './xdp-choice.ts';

export interface AttachmentOptions {
  readonly mode: AttachMode;
  readonly interfaces: InterfaceSelection;
  /** Links of tcx, or filters of clsact where the kernel has none. */
  readonly tc: 'tcx' | 'clsact';
}

export interface AttachmentModules {
  readonly hooks: Hooks;
  readonly links: () => Iterable<Link>;
  readonly driverOf: (link: Link) => string | undefined;
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** A device with the hooks that have our programs. */
interface Attached {
  readonly hooks: readonly Hook[];
  readonly state: InterfaceAttachment;
}

const NONE = 'no interface has the programs: no packet is balanced';

/** What the kernel's refusals of XDP mean. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOTSUP: 'its driver has none',
  EBUSY: 'another program has XDP there',
  EEXIST: 'XDP is there in another mode',
};

/**
 * Has the programs on the devices that the operator wants, and on no other, whatever comes, goes or changes its name. What an earlier
 * process attached is taken over.
 */
export class Attachments {
  readonly #options: AttachmentOptions;
  readonly #modules: AttachmentModules;
  readonly #attached = new Map<number, Attached>();
  /** Devices that refuse, until something about them changes. */
  readonly #refused = new Set<number>();
  /** What the log was told already. */
  readonly #told = new Set<string>();

  constructor(options: AttachmentOptions, modules: AttachmentModules) {
    this.#options = options;
    this.#modules = modules;
  }

  get state(): readonly InterfaceAttachment[] {
    return [...this.#attached.values()].map(({ state }) => state);
  }

  heard(change: NetworkChange): void {
    if (change.kind !== 'link' && change.kind !== 'everything') return;
    if (change.kind === 'link') this.#refused.delete((change.now ?? change.before)?.index ?? 0);
    else this.#refused.clear();
    this.reconcile();
  }

  reconcile(): void {
    const links = [...this.#modules.links()];
    const { selected, left } = selectInterfaces(
      links,
      this.#options.interfaces,
      new Set(this.#attached.keys()),
    );
    const wanted = new Set(selected.map(({ index }) => index));
    this.#forgetOthers(wanted, new Map(left.map(({ name, reason }) => [name, reason])));
    for (const link of selected) {
      const known = this.#attached.get(link.index);
      if (known === undefined) this.#attach(link);
      else if (known.state.interface !== link.name) this.#rename(link, known);
    }
    this.#detachUnwanted();
    const missing = missingInterfaces(links, this.#options.interfaces);
    this.#tellOnce([
      ...left.map(({ name, reason }) => `${name}: no programs, since ${reason}`),
      ...missing.map((name) => `${name}: there is no such interface yet; it gets the programs when it comes`),
      ...(wanted.size === 0 ? [NONE] : []),
    ]);
  }

  #forgetOthers(wanted: ReadonlySet<number>, reasons: ReadonlyMap<string, string>): void {
    for (const [index, { state }] of this.#attached) {
      if (wanted.has(index)) continue;
      this.#attached.delete(index);
      const reason = reasons.get(state.interface) ?? 'it is gone, or has another name';
      this.#modules.info(`${state.interface}: programs taken off, since ${reason}`);
    }
  }

  #attach(link: Link): void {
    if (this.#refused.has(link.index)) return;
    const { tc } = this.#options;
    const tcHooks: Hook[] =
      tc === 'tcx' ? ['tcx-ingress', 'tcx-egress'] : ['filter-ingress', 'filter-egress'];
    try {
      for (const hook of tcHooks) this.#modules.hooks.attach({ index: link.index, hook });
    } catch (error) {
      this.#refuse(link, error);
      return;
    }
    const { xdp, note } = this.#attachXdp(link);
    const state: InterfaceAttachment = {
      interface: link.name,
      ...(xdp !== undefined && { xdp }),
      tc,
      note,
    };
    const hooks: Hook[] = xdp === undefined ? tcHooks : [...tcHooks, `xdp-${xdp}`];
    this.#attached.set(link.index, { hooks, state });
    this.#modules.info(`${link.name}: ${xdp === undefined ? '' : `XDP (${xdp}) and `}tc (${tc}): ${note}`);
  }

  #attachXdp(link: Link): { readonly xdp?: 'native' | 'generic'; readonly note: string } {
    const { xdp, reason } = chooseXdp(this.#options.mode, link, {
      driver: this.#modules.driverOf(link),
      carriesVlans: [...this.#modules.links()].some(
        ({ kind, parent }) => kind === 'vlan' && parent === link.index,
      ),
    });
    if (xdp === 'none') return { note: reason };
    const refusal = this.#tryXdp(link.index, 'native');
    if (refusal === undefined) return { xdp: 'native', note: reason };
    if (xdp === 'wanted') return { note: `no native XDP: ${refusal}` };
    const second = this.#tryXdp(link.index, 'generic');
    if (second === undefined) {
      this.#modules.warn(
        `${link.name}: generic XDP, which is slower than tc, as native XDP is refused: ${refusal}`,
      );
      return { xdp: 'generic', note: `no native XDP: ${refusal}` };
    }
    this.#modules.warn(`${link.name}: tc alone, as XDP is refused: ${second}`);
    return { note: `no XDP: ${second}` };
  }

  /** Returns why it cannot be. */
  #tryXdp(index: number, mode: 'native' | 'generic'): string | undefined {
    const other: Hook = mode === 'native' ? 'xdp-generic' : 'xdp-native';
    try {
      // A device has one of them at a time.
      if (this.#has(index, other)) this.#modules.hooks.detach({ index, hook: other });
      this.#modules.hooks.attach({ index, hook: `xdp-${mode}` });
      return undefined;
    } catch (error) {
      if (error instanceof BpfError) return REFUSALS[error.code] ?? error.message;
      throw error;
    }
  }

  #has(index: number, hook: Hook): boolean {
    return this.#modules.hooks.list().some((each) => each.index === index && each.hook === hook);
  }

  #refuse({ index, name }: Link, error: unknown): void {
    if (!(error instanceof BpfError)) throw error;
    this.#refused.add(index);
    // The device went while its programs were attached: another change tells.
    if (error.code !== 'ENODEV')
      this.#modules.warn(`${name}: the programs cannot be attached: ${error.message}`);
  }

  #rename({ index, name }: Link, { hooks, state }: Attached): void {
    this.#attached.set(index, { hooks, state: { ...state, interface: name } });
    this.#modules.info(`${state.interface}: is ${name} now, and keeps the programs`);
  }

  #detachUnwanted(): void {
    const wanted = new Set(
      [...this.#attached].flatMap(([index, { hooks }]) => hooks.map((hook) => pinName({ index, hook }))),
    );
    for (const where of this.#modules.hooks.list()) {
      if (wanted.has(pinName(where))) continue;
      try {
        this.#modules.hooks.detach(where);
      } catch (error) {
        this.#modules.warn(`${pinName(where)} cannot be detached: ${(error as Error).message}`);
      }
    }
  }

  /** Tells what is new since the last time. */
  #tellOnce(texts: readonly string[]): void {
    for (const text of texts) {
      if (!this.#told.has(text)) this.#modules[text === NONE ? 'warn' : 'info'](text);
    }
    this.#told.clear();
    for (const text of texts) this.#told.add(text);
  }
}
