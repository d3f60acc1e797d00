import { IMPLIED, type KeywordTable, keywords, QUOTED, READ, unsupported } from './keyword-table.ts';

export const MAIL = unsupported('vipr sends no mail: use notify scripts or a FIFO');
export const RFC = unsupported('vipr does as RFC 9568 says');
export const ARP = unsupported(
  'vipr sends its announcements at once, on the interfaces that have the addresses',
);
export const LINK = unsupported('vipr is told by the kernel, at once, when a link goes up or down');
export const STRICT = unsupported('vipr is told by each setting by itself what it has to keep to');
export const CHANGES = unsupported('vipr tells changes of state');
const FIREWALL_RULES = unsupported(
  'vipr sets no firewall rules but those of no_accept, in a table of its own',
);
const NAMES = unsupported('vipr knows the names of tables and scopes that every system has');
export const SNMP = unsupported('vipr has no SNMP agent: it has an API and metrics');
const DBUS = unsupported('vipr is not on D-Bus: it has an API');
export const BFD = unsupported('vipr does not speak BFD');
const PROCESS = unsupported('vipr is one process, whose priority and processors the service manager sets');
const BUFFERS = unsupported('vipr sets the buffers of its netlink sockets itself');
const RELOAD = unsupported(
  'vipr checks every file before it reloads it, and reloads on a signal or a command',
);
const DUMPS = unsupported('vipr tells its state by vipr status --json and its API');
const FIREWALL = unsupported('vipr makes one service of each address of a group, without a firewall mark');

/** keepalived's `global_defs` (keepalived/core/global_parser.c, init_global_keywords). */
export const GLOBAL_KEYWORDS: KeywordTable = {
  ...keywords(
    [
      'script_user',
      'enable_script_security',
      'lvs_timeouts',
      'checker_log_all_failures',
      'lvs_notify_fifo',
      'notify_fifo',
      'include_check',
      'lvs_sync_daemon',
      'default_interface',
      'vrrp_version',
      'vmac_prefix',
      'vrrp_garp_master_delay',
      'vrrp_garp_master_repeat',
      'vrrp_garp_master_refresh',
      'vrrp_garp_master_refresh_repeat',
      'vrrp_garp_lower_prio_delay',
      'vrrp_garp_lower_prio_repeat',
      'vrrp_skip_check_adv_addr',
      'v3_checksum_as_v2',
      'vrrp_startup_delay',
      'vrrp_notify_fifo',
    ],
    READ,
  ),
  ...keywords(['lvs_notify_fifo_script', 'notify_fifo_script', 'vrrp_notify_fifo_script'], QUOTED),
  lvs_flush: unsupported('vipr leaves services of others alone: vipr apply --prune deletes them'),
  ...keywords(
    ['lvs_flush_on_stop', 'lvs_flush_onstop'],
    unsupported("what stays when vipr ends is the engine's to say: ipvs and ebpf go on without it"),
  ),
  router_id: unsupported('vipr tells its host by name'),
  ...keywords(
    [
      'notification_email_from',
      'smtp_server',
      'smtp_helo_name',
      'smtp_connect_timeout',
      'smtp_alert',
      'smtp_alert_vrrp',
      'smtp_alert_checker',
      'no_email_faults',
      'no_checker_emails',
    ],
    MAIL,
  ),
  notification_email: { ...MAIL, body: 'entries' },
  ...keywords(['startup_script', 'shutdown_script'], {
    ...unsupported('vipr runs nothing before and after itself: the service manager does'),
    quoted: true,
  }),
  ...keywords(
    ['startup_script_timeout', 'shutdown_script_timeout'],
    unsupported('vipr runs nothing before and after itself: the service manager does'),
  ),
  /** Scripts have all groups of their user, and their paths stay as they are written. */
  ...keywords(['set_supplementary_groups', 'use_symlink_paths'], IMPLIED),
  /** Interfaces may come later, and peers are the only ones that are heard. */
  ...keywords(['dynamic_interfaces', 'vrrp_check_unicast_src'], IMPLIED),
  rs_init_notifies: unsupported('scripts run where something changes, not for the first state'),
  ...keywords(
    [
      'process_names',
      'process_name',
      'vrrp_process_name',
      'checker_process_name',
      'lvs_process_name',
      'bfd_process_name',
    ],
    unsupported('vipr is one process with one name'),
  ),
  ...keywords(
    [
      'max_auto_priority',
      'min_auto_priority_delay',
      ...['checker', 'bfd', 'vrrp'].flatMap((process) =>
        ['priority', 'no_swap', 'rt_priority', 'cpu_affinity', 'rlimit_rttime', 'rlimit_rtime'].map(
          (what) => `${process}_${what}`,
        ),
      ),
    ],
    PROCESS,
  ),
  ...keywords(
    [
      'process_monitor_rcv_bufs',
      'process_monitor_rcv_bufs_force',
      ...['vrrp', 'lvs'].flatMap((process) =>
        ['cmd_rcv_bufs', 'cmd_rcv_bufs_force', 'monitor_rcv_bufs', 'monitor_rcv_bufs_force'].map(
          (what) => `${process}_netlink_${what}`,
        ),
      ),
    ],
    BUFFERS,
  ),
  ...keywords(
    [
      'snmp_socket',
      'enable_traps',
      'enable_snmp_vrrp',
      'enable_snmp_keepalived',
      'enable_snmp_rfc',
      'enable_snmp_rfcv2',
      'enable_snmp_rfcv3',
      'enable_snmp_checker',
      'snmp_vs_stats_update_interval',
      'snmp_rs_stats_update_interval',
    ],
    SNMP,
  ),
  ...keywords(['enable_dbus', 'dbus_service_name', 'dbus_no_interface_name'], DBUS),
  ...keywords(['nftables_ipvs', 'nftables_ipvs_priority', 'nftables_ipvs_start_fwmark'], FIREWALL),
  ...keywords(['nftables', 'nftables_priority', 'nftables_counters', 'nftables_ifindex'], FIREWALL_RULES),
  ...keywords(['reload_check_config', 'reload_time_file', 'reload_repeat', 'reload_file'], RELOAD),
  ...keywords(
    ['state_dump_file', 'stats_dump_file', 'json_dump_file', 'json_version', 'data_use_instance'],
    DUMPS,
  ),
  ...keywords(
    ['tmp_config_directory', 'config_save_dir'],
    unsupported('vipr reads a configuration once, whole, and keeps no copy'),
  ),
  ...keywords(['iproute_usr_dir', 'iproute_etc_dir'], NAMES),
  umask: unsupported("vipr has the service manager's"),
  random_seed: unsupported('only tests of vipr choose what chance brings'),
  ...keywords(['vrrp_iptables', 'vrrp_ipsets'], FIREWALL_RULES),
  ...keywords(
    [
      'vrrp_down_timer_adverts',
      'vrrp_lower_prio_no_advert',
      'vrrp_higher_prio_send_advert',
      'vrrp_owner_ignore_adverts',
    ],
    RFC,
  ),
  ...keywords(['vrrp_garp_interval', 'vrrp_gna_interval', 'vrrp_garp_extra_if', 'vrrp_vmac_garp_intvl'], ARP),
  vrrp_min_garp: unsupported('vipr sends as many announcements as vrrp_garp_master_repeat says'),
  ...keywords(
    ['vrrp_mcast_group4', 'vrrp_mcast_group6', 'disable_local_igmp'],
    unsupported('vipr sends to the multicast groups of RFC 9568, and joins them'),
  ),
  vrrp_strict: STRICT,
  ...keywords(['vrrp_notify_priority_changes', 'fifo_write_vrrp_states_on_reload'], CHANGES),
  ...keywords(
    ['vrrp_rx_bufs_policy', 'vrrp_rx_bufs_multiplier'],
    unsupported('vipr sets the buffers of its sockets itself'),
  ),
  vrrp_delay_after_boot: unsupported('vipr counts from its own start: use vrrp_startup_delay'),
  log_unknown_vrids: unsupported('vipr hears only of the virtual routers that it has'),
  vmac_addr_prefix: unsupported('vipr sets addresses on interfaces and on those of use_vmac alone'),
};

/** What stands outside of blocks besides the blocks themselves. */
export const OUTER_KEYWORDS: KeywordTable = {
  linkbeat_use_polling: LINK,
  ...keywords(
    ['net_namespace', 'net_namespace_ipvs'],
    unsupported('vipr works in the network namespace in which it is started: ip netns exec NAME vipr up …'),
  ),
  namespace_with_ipsets: FIREWALL_RULES,
  use_pid_dir: unsupported('vipr writes no PID file: it locks its control socket'),
  instance: unsupported(
    'directors are told apart by their control sockets: --socket, and --instance for ebpf',
  ),
  child_wait_time: unsupported('vipr has no child processes that serve'),
};
