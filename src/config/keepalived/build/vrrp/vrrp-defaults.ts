import type { Milliseconds } from '../../../../model/unit.ts';
import type { VrrpInstanceSettings } from '../../../../model/vrrp.ts';
import { givenOf } from '../../../given-of.ts';
import type { ProblemLog } from '../../problem-log.ts';
import type { Settings } from '../../settings.ts';
import { flag, INT_MAX, number } from '../../value.ts';
import type { VrrpDefaults } from './vrrp-context.ts';
import { interfaceName } from './vrrp-value.ts';

type Announcements = VrrpInstanceSettings['announcements'];

/** keepalived's vrrp.h: VRRP_GARP_DELAY, VRRP_GARP_REP, VRRP_GARP_REFRESH, VRRP_GARP_REFRESH_REP. */
const ANNOUNCEMENTS: Announcements = {
  delay: 5000 as Milliseconds,
  repeat: 5,
  refresh: 0 as Milliseconds,
  refreshRepeat: 1,
};
/** What a timer can wait, in seconds. */
const LONGEST = Math.floor(INT_MAX / 1000);

/** What `global_defs` says for all instances. */
export function vrrpDefaults(settings: Settings, log: ProblemLog): VrrpDefaults {
  const version = number(settings.last('vrrp_version'), 2, 3, log) === 3 ? 3 : 2;
  const name = interfaceName(settings.last('default_interface'), log);
  return {
    version,
    ...givenOf({ interface: name }),
    announcements: announcements(settings, 'vrrp_', ANNOUNCEMENTS, log),
    checkAddresses: !(flag(settings.last('vrrp_skip_check_adv_addr'), log) ?? false),
    pseudoHeaderChecksum: !(flag(settings.last('v3_checksum_as_v2'), log) ?? false),
    macPrefix: interfaceName(settings.last('vmac_prefix'), log) ?? 'vrrp',
  };
}

/** `garp_…`, in `global_defs` with `vrrp_` before it; what is not given is as in `defaults`. */
export function announcements(
  settings: Settings,
  prefix: string,
  defaults: Announcements,
  log: ProblemLog,
): Announcements {
  const seconds = (name: string) => {
    const found = number(settings.last(`${prefix}garp_${name}`), 0, LONGEST, log);
    return found === undefined ? undefined : ((found * 1000) as Milliseconds);
  };
  const count = (name: string, least: 0 | 1) => {
    const statement = settings.last(`${prefix}garp_${name}`);
    const found = number(statement, 0, INT_MAX, log);
    if (found !== 0 || least === 0 || statement === undefined) return found;
    log.warn(statement.keyword.place, `${statement.keyword.text} 0 becomes 1, as by keepalived`);
    return 1;
  };
  return {
    delay: seconds('master_delay') ?? defaults.delay,
    repeat: count('master_repeat', 1) ?? defaults.repeat,
    refresh: seconds('master_refresh') ?? defaults.refresh,
    refreshRepeat: count('master_refresh_repeat', 1) ?? defaults.refreshRepeat,
    ...givenOf({
      lowerPriorityDelay: seconds('lower_prio_delay') ?? defaults.lowerPriorityDelay,
      lowerPriorityRepeat: count('lower_prio_repeat', 0) ?? defaults.lowerPriorityRepeat,
    }),
  };
}
