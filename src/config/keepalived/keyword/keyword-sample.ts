import type { Keyword, KeywordTable } from './keyword-table.ts';

/** Files for tests, one for each keyword. */

/** What follows keywords that vipr reads, where `1` would be wrong; by the path of blocks or, for all blocks, by the keyword. */
const VALUES: Readonly<Record<string, string>> = {
  script_user: 'nobody',
  lvs_timeouts: 'tcp 900 tcpfin 60 udp 300',
  checker_log_all_failures: 'true',
  lvs_notify_fifo: '/run/lvs',
  notify_fifo: '/run/all',
  include_check: '+match -read',
  lvs_notify_fifo_script: '"/bin/reader a" nobody',
  notify_fifo_script: '/bin/reader',
  inhibit_on_failure: '',
  alpha: '',
  omega: '',
  ops: '',
  'flag-1': '',
  'flag-2': '',
  'flag-3': '',
  'sh-port': '',
  'sh-fallback': '',
  'mh-port': '',
  'mh-fallback': '',
  lvs_method: 'TUN type gue port 6080 csum',
  lb_kind: 'DR',
  sorry_server_lvs_method: 'NAT',
  sorry_server_inhibit: '',
  virtualhost: 'www.example.org',
  ip_family: 'inet',
  lb_algo: 'mh',
  lvs_sched: 'rr',
  persistence_engine: 'sip',
  persistence_granularity: '255.255.255.0',
  protocol: 'TCP',
  sorry_server: '10.0.0.9 80',
  quorum_up: '"/bin/up a"',
  quorum_down: '/bin/down nobody nogroup',
  notify_up: '/bin/up',
  notify_down: '/bin/down',
  hysteresis: '0',
  lthreshold: '1',
  uthreshold: '1',
  connect_ip: '10.0.0.2',
  bindto: '10.0.0.3',
  bind_if: 'eth0',
  log_all_failures: 'on',
  'url.path': '/',
  digest: '640205b7b0fc66c1ea91c463fac6334d',
  status_code: '200-299 404',
  regex: '"a b"',
  regex_no_match: '',
  regex_options: 'caseless dotall',
  http_protocol: '1.0C',
  enable_sni: 'yes',
  sni_name: 'sni.example.org',
  helo_name: '"mx.example.org"',
  type: 'A',
  'DNS_CHECK.name': 'example.org.',
  payload: 'Ab12f 3 456',
  require_reply: '00 xX',
  min_reply_length: '0',
  misc_dynamic: '',
  misc_path: '"/bin/check a"',
  user: 'nobody nogroup',
  track_file: 'f',
  'track_file.file': '/run/f',
  'vrrp_track_file.file': '/run/g',
  lvs_sync_daemon: 'eth1 id 3 port 8849',
  default_interface: 'eth0',
  vrrp_version: '3',
  vmac_prefix: 'vip',
  vrrp_skip_check_adv_addr: 'yes',
  v3_checksum_as_v2: '',
  vrrp_notify_fifo: '/run/vrrp',
  vrrp_notify_fifo_script: '/bin/reader',
  use_vmac: 'vrrp.51',
  vmac_xmit_base: '',
  native_ipv6: '',
  state: 'MASTER',
  'vrrp_instance.interface': 'eth0',
  dont_track_primary: '',
  mcast_src_ip: '192.0.2.2',
  unicast_src_ip: '192.0.2.2',
  'vrrp_instance.version': '3',
  accept: '',
  no_accept: '',
  skip_check_adv_addr: '',
  preempt: '',
  nopreempt: '',
  lvs_sync_daemon_interface: 'eth1',
  auth_type: 'PASS',
  auth_pass: 's3cret',
  notify: '/bin/notify',
  notify_master: '"/bin/master a"',
  notify_backup: '/bin/backup',
  notify_fault: '/bin/fault nobody',
  notify_stop: '/bin/stop',
  global_tracking: '',
  sync_group_tracking_weight: '',
  'vrrp_script.script': '"/bin/check a"',
  init_fail: '',
  'vrrp_track_process.process': 'nginx',
};

/** Lines of blocks that hold lines, where an address would be wrong. */
const ENTRIES: Readonly<Record<string, string>> = {
  track_interface: 'eth1 weight -3 reverse',
  track_script: 's weight 2',
  track_file: 'f weight 5',
  track_process: 'p',
  'vrrp_sync_group.group': 'VI',
  virtual_routes: '10.1.0.0/16 via 10.0.0.1 dev eth1 table 5',
  virtual_rules: 'from 10.0.0.1 lookup main',
};

/** Blocks that others are about. */
const NAMED: readonly (readonly [where: RegExp, block: string])[] = [
  [/FILE_CHECK|vrrp_(?:instance|sync_group)[\s\S]*track_file/, 'track_file f {\nfile /run/f\n}\n'],
  [/track_script/, 'vrrp_script s {\nscript /bin/check\nweight 3 reverse\n}\n'],
  [/track_process p|track_process x/, 'vrrp_track_process p {\nprocess nginx\n}\n'],
  [
    /vrrp_sync_group/,
    'vrrp_instance VI {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress { 192.0.2.1 }\n}\n',
  ],
];

/** What a block needs besides the keyword that is tried, and after its name. */
const BLOCKS: Readonly<Record<string, { readonly name?: string; readonly needs?: string }>> = {
  virtual_server: { name: '192.0.2.10 80', needs: 'protocol TCP\nreal_server 10.0.0.1 80 { }' },
  real_server: { name: '10.0.0.1 80' },
  HTTP_GET: { needs: 'url { path / }' },
  SSL_GET: { needs: 'url { path / }' },
  url: { needs: 'path /' },
  MISC_CHECK: { needs: 'misc_path /bin/check' },
  FILE_CHECK: { needs: 'track_file f' },
  track_file: { name: 'f', needs: 'file /run/f' },
  vrrp_track_file: { name: 'g', needs: 'file /run/g' },
  vrrp_instance: {
    name: 'VI',
    needs: 'interface eth0\nvirtual_router_id 51\nvirtual_ipaddress { 192.0.2.10 }',
  },
  vrrp_sync_group: { name: 'G', needs: 'group { VI }' },
  vrrp_script: { name: 't', needs: 'script /bin/check' },
  vrrp_track_process: { name: 'q', needs: 'process nginx' },
  authentication: { needs: 'auth_type PASS\nauth_pass a' },
};

/** A keyword with the blocks that it stands in. */
export interface KnownKeyword {
  readonly path: readonly string[];
  readonly keyword: Keyword;
}

/** All keywords of a table, and of the blocks in it. */
export function allOf(table: KeywordTable, path: readonly string[] = []): KnownKeyword[] {
  return Object.entries(table).flatMap(([name, keyword]) => {
    const own = { path: [...path, name], keyword };
    const { body } = keyword;
    return body === undefined || body === 'entries' ? [own] : [own, ...allOf(body, own.path)];
  });
}

/** A file with one keyword in its block, and what that needs to be good. */
export function fileWith({ path, keyword }: KnownKeyword): string {
  const [last = '', ...outer] = [...path].reverse();
  const statement = write(last, outer[0], keyword);
  const file = outer.reduce((inner, block) => {
    const { name = '', needs = '' } = BLOCKS[block] ?? {};
    const rest = needs
      .split('\n')
      .filter((line) => !line.startsWith(`${last} `))
      .join('\n');
    return `${block} ${name} {\n${inner}\n${inner === statement ? rest : needsOf(block, inner, needs)}\n}`;
  }, statement);
  const named = NAMED.flatMap(([where, block]) => (where.test(file) ? [block] : []));
  return `${named.join('')}${file}\n`;
}

/** What a block still needs where it holds another one: not a second one of that. */
function needsOf(block: string, inner: string, needs: string): string {
  if (block === 'HTTP_GET' || block === 'SSL_GET') return '';
  return inner.startsWith('real_server') ? 'protocol TCP' : needs;
}

function write(name: string, block: string | undefined, { use, body }: Keyword): string {
  if (body === 'entries') {
    return `${name} x {\n${ENTRIES[`${block}.${name}`] ?? ENTRIES[name] ?? '10.0.0.1'}\n}`;
  }
  if (body !== undefined) {
    const { name: words = 'x', needs = '' } = BLOCKS[name] ?? {};
    const plain = BLOCKS[name] === undefined || BLOCKS[name]?.name === undefined ? '' : words;
    return `${name} ${plain} {\n${needs}\n}`;
  }
  if (use !== 'read') return `${name} some "words here" 5`;
  return `${name} ${VALUES[`${block}.${name}`] ?? VALUES[name] ?? '1'}`;
}
