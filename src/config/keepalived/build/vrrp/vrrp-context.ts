import type { VrrpInstanceSettings } from '../../../../model/vrrp.ts';
import type { BuildContext } from '../build-context.ts';
import type { TrackFile } from '../track-file.ts';

/** What `global_defs` says of VRRP for all instances (keepalived's core/global_data.c, set_vrrp_defaults). */
export interface VrrpDefaults {
  readonly version: 2 | 3;
  readonly interface?: string;
  readonly announcements: VrrpInstanceSettings['announcements'];
  readonly checkAddresses: boolean;
  readonly pseudoHeaderChecksum: boolean;
  /** What names of interfaces with a virtual MAC address begin with. */
  readonly macPrefix: string;
}

/** A script or process with the weight of those that give none. */
export interface NamedWeight {
  readonly weight: number;
  readonly reverse: boolean;
}

/** What the blocks of VRRP are read with. */
export interface VrrpContext extends BuildContext {
  readonly defaults: VrrpDefaults;
  readonly scripts: ReadonlyMap<string, NamedWeight>;
  readonly processes: ReadonlyMap<string, NamedWeight & { readonly process: string }>;
  readonly files: ReadonlyMap<string, TrackFile>;
}
