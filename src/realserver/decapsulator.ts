import type { Tunnel } from './real-server-settings.ts';

/** What a decapsulator takes, and where. */
export interface DecapsulatorContent {
  readonly interfaces: readonly { readonly name: string; readonly index: number }[];
  /** Inner destinations. */
  readonly virtualAddresses: readonly string[];
  /** Outer destinations. */
  readonly ownAddresses: readonly string[];
  readonly tunnels: readonly Tunnel[];
}

/** Packets since it was installed. */
export interface DecapsulatorCounters {
  readonly taken: number;
  /** Left alone: the inner destination is no virtual address. */
  readonly notVirtual: number;
  /** Left alone: fragments of tunnelled packets. */
  readonly fragments: number;
  /** Left alone: a key, a checksum to be made here, a control message. */
  readonly unknownForm: number;
  /** Dropped: congestion was signalled to a flow that does not know about it (RFC 6040 section 4.2). */
  readonly congested: number;
  /** Dropped: the kernel did not take the headers off. */
  readonly failed: number;
}

/** What is installed; interfaces by index. */
export interface InstalledDecapsulator extends Omit<DecapsulatorContent, 'interfaces'> {
  readonly attached: readonly number[];
  readonly counters: DecapsulatorCounters;
  /** Whether it is another program than this version's. */
  readonly outdated: boolean;
}

/** vipr's own end of tunnels: a BPF program that outlives the command. */
export interface Decapsulator {
  /** A directory on a BPF file system, where its maps and attachments are pinned. */
  readonly directory: string;
  /** Undefined where nothing is installed. Needs root. Throws a ViprError. */
  read(interfaces: readonly number[]): InstalledDecapsulator | undefined;
  /** Makes it what `content` says, whatever is there: a second time it changes nothing. Throws a ViprError. */
  install(content: DecapsulatorContent): void;
  /** Takes away everything, also what is half installed; false where there was nothing. */
  remove(interfaces: readonly number[]): boolean;
}
