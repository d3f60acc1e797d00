import type { InterfaceSelection } from '../attach/interface-selection.ts';
import type { AttachMode } from '../attach/xdp-choice.ts';
import type { MarkRule } from '../codec/mark-rule-codec.ts';
import type { InstanceOptions } from './instance.ts';
import type { Sysctls } from './sysctl.ts';
import type { TableSizes } from './table-sizes.ts';

/** How the eBPF engine is to run; what is absent takes its default. */
export interface EbpfOptions extends InstanceOptions, Partial<TableSizes> {
  /** `auto` unless given. */
  readonly attach?: AttachMode | undefined;
  /** `auto` unless given. */
  readonly interfaces?: InterfaceSelection | undefined;
  /** Filters of clsact also where the kernel has tcx. */
  readonly clsact?: boolean;
  readonly sysctls?: Partial<Sysctls>;
  /** The first that fits gives a packet without a mark its mark; at most 256. */
  readonly marks?: readonly MarkRule[];
  /** Hears what happens to interfaces and the table. */
  readonly info?: (text: string) => void;
  /** Hears what an operator should look into. */
  readonly warn?: (text: string) => void;
}
