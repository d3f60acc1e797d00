import { readFileSync } from 'node:fs';
import { encodeMarkRule, type MarkRule } from '../codec/mark-rule-codec.ts';
import type { LoadedDataPlane } from './loaded-data-plane.ts';
import type { SettingsMap } from './settings-map.ts';
import { DEFAULT_SYSCTLS, type Sysctls, sysctlSettings } from './sysctl.ts';

/** Privileged ports end here unless the system says otherwise (ip(7), ip_unprivileged_port_start). */
const USUAL_PORT_START = 1024;

/** Puts what the configuration says into the maps `settings` and `mark_rules`. */
export function writeConfiguration(
  loaded: LoadedDataPlane,
  settings: SettingsMap,
  {
    hz,
    sysctls,
    marks,
  }: { readonly hz: number; readonly sysctls: Sysctls; readonly marks: readonly MarkRule[] },
): void {
  const map = loaded.map('mark_rules');
  const key = new Uint8Array(4);
  marks.forEach((rule, index) => {
    new DataView(key.buffer).setUint32(0, index, true);
    map.update(key, encodeMarkRule(rule));
  });
  settings.change((before) => ({
    ...sysctlSettings(sysctls, hz, before),
    hz,
    markRules: marks.length,
    unprivilegedPortStart: unprivilegedPortStart(),
  }));
}

export function completeSysctls(given: Partial<Sysctls> = {}): Sysctls {
  return { ...DEFAULT_SYSCTLS, ...given };
}

/** The first port that needs no privilege: what ftp services go by. */
export function unprivilegedPortStart(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return USUAL_PORT_START;
  }
}
