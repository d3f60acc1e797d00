import type { SettingsRecord } from '../codec/settings-codec.ts';
import { SETTING_DROP_ENTRY, SETTING_DROP_PACKET, SETTING_SECURE_TCP } from '../layout.gen.ts';
import type { DefenceMode, Sysctls } from './sysctl.ts';

/** How full the fuller of the two connection tables is. */
export interface TableFill {
  readonly entries: number;
  readonly room: number;
}

/** The last eighth of the table is what low memory is to IPVS (ip_vs_ctl.c, update_defense_level). */
const RESERVE = 1 / 8;
/** Once on, the defences stay until twice as much is free, so that they do not flutter. */
const RELIEF = 1 / 4;
/** Seconds for half-open connections where the reserve begins; in proportion down to 1 where it ends. */
const EMBRYONIC_SECONDS = 10;
/** IPVS looks at one in 32 rows a second (ip_vs_conn.c, ip_vs_random_dropentry). */
const DROP_ENTRY_ODDS = 32;

/** Whether the table is almost full, given whether it was. */
export function isAlmostFull({ entries, room }: TableFill, was: boolean): boolean {
  return room - entries <= room * (was ? RELIEF : RESERVE);
}

/** The change of `settings` by which the data plane defends itself. */
export function defend(
  sysctls: Pick<Sysctls, 'drop_entry' | 'drop_packet' | 'secure_tcp' | 'am_droprate'>,
  { entries, room }: TableFill,
  almostFull: boolean,
  { flags, hz }: Pick<SettingsRecord, 'flags' | 'hz'>,
): Partial<SettingsRecord> {
  const reserve = Math.max(1, Math.floor(room * RESERVE));
  const left = Math.min(reserve, Math.max(0, room - entries));
  const on = (mode: DefenceMode) => mode === 3 || (mode > 0 && almostFull);
  const withFlag = (all: number, flag: number, set: boolean) => (set ? all | flag : all & ~flag);
  let changed = withFlag(flags, SETTING_DROP_ENTRY, on(sysctls.drop_entry));
  changed = withFlag(changed, SETTING_DROP_PACKET, on(sysctls.drop_packet));
  changed = withFlag(changed, SETTING_SECURE_TCP, on(sysctls.secure_tcp));
  return {
    flags: changed >>> 0,
    dropEntryOdds: DROP_ENTRY_ODDS,
    dropPacketRate: sysctls.drop_packet === 3 ? Math.max(1, sysctls.am_droprate) : dropRate(reserve, left),
    embryonicLimit: almostFull ? hz * Math.max(1, Math.round((EMBRYONIC_SECONDS * left) / reserve)) : 0,
  };
}

/** Every how many-th packet goes: the fuller the reserve, the more, up to all. */
function dropRate(reserve: number, left: number): number {
  return Math.floor(reserve / Math.max(1, reserve - left));
}
