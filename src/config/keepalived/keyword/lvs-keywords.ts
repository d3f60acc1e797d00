import { CHECKER_KEYWORDS } from './checker-keywords.ts';
import { MAIL, SNMP } from './global-keywords.ts';
import { type KeywordTable, keywords, QUOTED, READ, unsupported } from './keyword-table.ts';

const HA_SUSPEND = unsupported('checks go on also where this host does not have the address');

/** Of virtual and real servers: what checkers take from them where they do not say it themselves. */
const SHARED: KeywordTable = {
  ...keywords(
    [
      'retry',
      'delay_before_retry',
      'warmup',
      'connect_timeout',
      'delay_loop',
      'inhibit_on_failure',
      'virtualhost',
      'alpha',
      'weight',
      'lvs_method',
    ],
    READ,
  ),
  smtp_alert: MAIL,
  snmp_name: SNMP,
};

const REAL_SERVER: KeywordTable = {
  ...SHARED,
  ...keywords(['uthreshold', 'lthreshold'], READ),
  ...keywords(['notify_up', 'notify_down'], QUOTED),
  ...CHECKER_KEYWORDS,
};

const VIRTUAL_SERVER: KeywordTable = {
  ...SHARED,
  ...keywords(
    [
      'ip_family',
      'lb_algo',
      'lvs_sched',
      'ops',
      'flag-1',
      'flag-2',
      'flag-3',
      'sh-port',
      'sh-fallback',
      'mh-port',
      'mh-fallback',
      'lb_kind',
      'persistence_engine',
      'persistence_timeout',
      'persistence_granularity',
      'protocol',
      'omega',
      'quorum',
      'hysteresis',
      'sorry_server',
      'sorry_server_inhibit',
      'sorry_server_lvs_method',
    ],
    READ,
  ),
  hashed: unsupported('it has no effect, in keepalived neither: flag-1 to flag-3 have'),
  ha_suspend: HA_SUSPEND,
  ...keywords(['quorum_up', 'quorum_down'], QUOTED),
  real_server: { use: 'read', body: REAL_SERVER },
};

/** keepalived/check/check_parser.c, init_check_keywords; keepalived/trackers/track_file.c, add_track_file_keywords. */
export const LVS_KEYWORDS: KeywordTable = {
  virtual_server: { use: 'read', body: VIRTUAL_SERVER },
  virtual_server_group: { use: 'read', body: 'entries' },
  track_file: { use: 'read', body: trackFile() },
  vrrp_track_file: { use: 'read', body: trackFile() },
  SSL: {
    ...unsupported(
      'vipr shows no certificate to the servers that it checks, and does not verify theirs here',
    ),
    body: keywords(['password', 'ca', 'certificate', 'key'], READ),
  },
};

function trackFile(): KeywordTable {
  return {
    ...keywords(['file', 'weight'], READ),
    init_file: unsupported('vipr does not write the file: make it before vipr starts'),
  };
}
