import { ARP, BFD, CHANGES, LINK, MAIL, RFC, STRICT } from './global-keywords.ts';
import {
  IMPLIED,
  type Keyword,
  type KeywordTable,
  keywords,
  QUOTED,
  READ,
  unsupported,
} from './keyword-table.ts';

const ENTRIES: Keyword = { use: 'read', body: 'entries' };
const STATIC = unsupported(
  'vipr sets only what belongs to an instance: the system sets what is always there',
);
const PROCESSES = unsupported('a process is up while one of its name runs');
const HMAC = unsupported('vipr knows PASS alone');
const TRACKING: KeywordTable = {
  ...keywords(['track_interface', 'track_script', 'track_file', 'track_process'], ENTRIES),
  track_bfd: { ...BFD, body: 'entries' },
};
const NOTIFY: KeywordTable = keywords(
  ['notify', 'notify_master', 'notify_backup', 'notify_fault', 'notify_stop'],
  QUOTED,
);

/** keepalived/vrrp/vrrp_parser.c, init_vrrp_keywords. */
const INSTANCE: KeywordTable = {
  ...TRACKING,
  ...NOTIFY,
  ...keywords(
    [
      'use_vmac',
      'vmac_xmit_base',
      'native_ipv6',
      'state',
      'interface',
      'dont_track_primary',
      'mcast_src_ip',
      'unicast_src_ip',
      'virtual_router_id',
      'version',
      'priority',
      'advert_int',
      'v3_checksum_as_v2',
      'accept',
      'no_accept',
      'skip_check_adv_addr',
      'preempt',
      'nopreempt',
      'preempt_delay',
      'lvs_sync_daemon_interface',
      'garp_master_delay',
      'garp_master_refresh',
      'garp_master_repeat',
      'garp_master_refresh_repeat',
      'garp_lower_prio_delay',
      'garp_lower_prio_repeat',
    ],
    READ,
  ),
  ...keywords(
    ['unicast_peer', 'virtual_ipaddress', 'virtual_ipaddress_excluded', 'virtual_routes', 'virtual_rules'],
    ENTRIES,
  ),
  authentication: { use: 'read', body: keywords(['auth_type', 'auth_pass'], READ) },
  /** Only peers are heard, always. */
  check_unicast_src: IMPLIED,
  auth_hmac: {
    ...HMAC,
    body: keywords(['key', 'active_key', 'time_window', 'anti_replay', 'mode'], READ),
  },
  ...keywords(['notify_deleted', 'notify_master_rx_lower_pri'], { ...CHANGES, quoted: true }),
  notify_priority_changes: CHANGES,
  smtp_alert: MAIL,
  strict_mode: STRICT,
  linkbeat_use_polling: LINK,
  ...keywords(['garp_extra_if', 'vmac_garp_intvl'], ARP),
  ...keywords(
    [
      'down_timer_adverts',
      'timer_expired_backup',
      'thread_timer_expired',
      'lower_prio_no_advert',
      'higher_prio_send_advert',
      'owner_ignore_adverts',
      'unicast_ttl',
      'old_unicast_checksum',
    ],
    RFC,
  ),
  mcast_dst_ip: unsupported('vipr sends to the multicast groups of RFC 9568, and joins them'),
  no_virtual_ipaddress: unsupported('an instance has at least one address'),
  unicast_fault_no_peer: unsupported('an instance without peers sends to the multicast group'),
  track_src_ip: unsupported('vipr does not look whether the source address is there'),
  promote_secondaries: unsupported('vipr leaves the settings of interfaces alone'),
  ...keywords(
    ['use_ipvlan', 'use_vmac_addr', 'vrf'],
    unsupported('vipr sets addresses on interfaces and on those of use_vmac alone'),
  ),
  debug: unsupported('what is logged is set for all by vipr up --log-level'),
  kernel_rx_buf_size: unsupported('vipr sets the buffers of its sockets itself'),
};

const SYNC_GROUP: KeywordTable = {
  ...TRACKING,
  ...NOTIFY,
  group: ENTRIES,
  ...keywords(['global_tracking', 'sync_group_tracking_weight'], READ),
  smtp_alert: MAIL,
  notify_priority_changes: CHANGES,
};

/** Blocks of VRRP, of BFD, and of addresses and routes that go with them. */
export const VRRP_KEYWORDS: KeywordTable = {
  vrrp_instance: { use: 'read', body: INSTANCE },
  vrrp_sync_group: { use: 'read', body: SYNC_GROUP },
  vrrp_script: {
    use: 'read',
    body: {
      script: QUOTED,
      ...keywords(['interval', 'timeout', 'weight', 'rise', 'fall', 'user', 'init_fail'], READ),
    },
  },
  vrrp_track_process: {
    use: 'read',
    body: {
      ...keywords(['process', 'weight'], READ),
      ...keywords(
        ['param_match', 'quorum_max', 'delay', 'terminate_delay', 'fork_delay', 'full_command'],
        PROCESSES,
      ),
      quorum: PROCESSES,
    },
  },
  track_group: { ...STATIC, body: { group: ENTRIES } },
  garp_group: {
    ...ARP,
    body: { ...keywords(['garp_interval', 'gna_interval', 'interface'], READ), interfaces: ENTRIES },
  },
  ...keywords(['static_ipaddress', 'static_routes', 'static_rules'], { ...STATIC, body: 'entries' }),
  ...keywords(['linkbeat_interfaces', 'interface_up_down_delays'], { ...LINK, body: 'entries' }),
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
