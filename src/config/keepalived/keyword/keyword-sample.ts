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
};

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
  const tracked = /FILE_CHECK/.test(file) ? 'track_file f {\nfile /run/f\n}\n' : '';
  return `${tracked}${file}\n`;
}

/** What a block still needs where it holds another one: not a second one of that. */
function needsOf(block: string, inner: string, needs: string): string {
  if (block === 'HTTP_GET' || block === 'SSL_GET') return '';
  return inner.startsWith('real_server') ? 'protocol TCP' : needs;
}

function write(name: string, block: string | undefined, { use, body }: Keyword): string {
  if (body === 'entries') return `${name} x {\n10.0.0.1\n}`;
  if (body !== undefined) {
    const { name: words = 'x', needs = '' } = BLOCKS[name] ?? {};
    const plain = BLOCKS[name] === undefined || BLOCKS[name]?.name === undefined ? '' : words;
    return `${name} ${plain} {\n${needs}\n}`;
  }
  if (use !== 'read') return `${name} some "words here" 5`;
  return `${name} ${VALUES[`${block}.${name}`] ?? VALUES[name] ?? '1'}`;
}
