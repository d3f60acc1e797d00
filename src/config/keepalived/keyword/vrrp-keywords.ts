import { BFD, VRRP } from './global-keywords.ts';
import { type Keyword, type KeywordTable, keywords, QUOTED, READ } from './keyword-table.ts';

const ENTRIES: Keyword = { use: 'read', body: 'entries' };
const TRACKING: KeywordTable = keywords(
  ['track_interface', 'track_script', 'track_file', 'track_process', 'track_bfd'],
  ENTRIES,
);
const NOTIFY: KeywordTable = keywords(
  ['notify', 'notify_master', 'notify_backup', 'notify_fault', 'notify_stop'],
  QUOTED,
);

/** keepalived/vrrp/vrrp_parser.c, init_vrrp_keywords. */
const INSTANCE: KeywordTable = {
  ...TRACKING,
  ...NOTIFY,
  ...keywords(['notify_deleted', 'notify_master_rx_lower_pri'], QUOTED),
  ...keywords(
    [
      'use_vmac',
      'use_vmac_addr',
      'vmac_xmit_base',
      'use_ipvlan',
      'unicast_fault_no_peer',
      'check_unicast_src',
      'old_unicast_checksum',
      'native_ipv6',
      'state',
      'interface',
      'vrf',
      'dont_track_primary',
      'mcast_src_ip',
      'unicast_src_ip',
      'mcast_dst_ip',
      'track_src_ip',
      'virtual_router_id',
      'unicast_ttl',
      'version',
      'priority',
      'advert_int',
      'no_virtual_ipaddress',
      'promote_secondaries',
      'linkbeat_use_polling',
      'v3_checksum_as_v2',
      'accept',
      'no_accept',
      'skip_check_adv_addr',
      'strict_mode',
      'preempt',
      'nopreempt',
      'preempt_delay',
      'debug',
      'smtp_alert',
      'notify_priority_changes',
      'lvs_sync_daemon_interface',
      'garp_master_delay',
      'garp_master_refresh',
      'garp_master_repeat',
      'garp_master_refresh_repeat',
      'garp_lower_prio_delay',
      'garp_lower_prio_repeat',
      'down_timer_adverts',
      'timer_expired_backup',
      'thread_timer_expired',
      'garp_extra_if',
      'vmac_garp_intvl',
      'lower_prio_no_advert',
      'higher_prio_send_advert',
      'owner_ignore_adverts',
      'kernel_rx_buf_size',
    ],
    READ,
  ),
  ...keywords(
    ['unicast_peer', 'virtual_ipaddress', 'virtual_ipaddress_excluded', 'virtual_routes', 'virtual_rules'],
    ENTRIES,
  ),
  authentication: { use: 'read', body: keywords(['auth_type', 'auth_pass'], READ) },
  auth_hmac: {
    use: 'read',
    body: keywords(['key', 'active_key', 'time_window', 'anti_replay', 'mode'], READ),
  },
};

const SYNC_GROUP: KeywordTable = {
  ...TRACKING,
  ...NOTIFY,
  group: ENTRIES,
  ...keywords(
    ['smtp_alert', 'global_tracking', 'sync_group_tracking_weight', 'notify_priority_changes'],
    READ,
  ),
};

/** Blocks of VRRP, of BFD, and of addresses and routes that go with them. */
export const VRRP_KEYWORDS: KeywordTable = {
  vrrp_instance: { ...VRRP, body: INSTANCE },
  vrrp_sync_group: { ...VRRP, body: SYNC_GROUP },
  vrrp_script: {
    ...VRRP,
    body: {
      script: QUOTED,
      ...keywords(['interval', 'timeout', 'weight', 'rise', 'fall', 'user', 'init_fail'], READ),
    },
  },
  vrrp_track_process: {
    ...VRRP,
    body: keywords(
      [
        'process',
        'param_match',
        'weight',
        'quorum',
        'quorum_max',
        'delay',
        'terminate_delay',
        'fork_delay',
        'full_command',
      ],
      READ,
    ),
  },
  track_group: { ...VRRP, body: { group: ENTRIES } },
  garp_group: {
    ...VRRP,
    body: { ...keywords(['garp_interval', 'gna_interval', 'interface'], READ), interfaces: ENTRIES },
  },
  ...keywords(
    ['static_ipaddress', 'static_routes', 'static_rules', 'linkbeat_interfaces', 'interface_up_down_delays'],
    { ...VRRP, body: 'entries' },
  ),
  /** keepalived/bfd/bfd_parser.c, init_bfd_keywords. */
  bfd_instance: {
    ...BFD,
    body: keywords(
      [
        'source_ip',
        'neighbor_ip',
        'neighbour_ip',
        'min_rx',
        'min_tx',
        'idle_tx',
        'multiplier',
        'passive',
        'ttl',
        'hoplimit',
        'max_hops',
        'multihop',
        'weight',
        'vrrp',
        'checker',
      ],
      READ,
    ),
  },
};
