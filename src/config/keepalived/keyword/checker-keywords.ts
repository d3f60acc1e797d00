import { IMPLIED, type KeywordTable, keywords, QUOTED, READ, unsupported } from './keyword-table.ts';

/** What every checker but MISC_CHECK has (keepalived/check/check_api.c, install_checker_common_keywords). */
const CONNECTION: KeywordTable = keywords(
  ['connect_ip', 'connect_port', 'bindto', 'bind_port', 'bind_if', 'connect_timeout', 'fwmark'],
  READ,
);
const TIMING: KeywordTable = keywords(
  ['retry', 'delay_before_retry', 'warmup', 'delay_loop', 'alpha', 'log_all_failures'],
  READ,
);
const COMMON: KeywordTable = { ...CONNECTION, ...TIMING };
const TLS_ALERT = unsupported('vipr closes TLS connections of checks as the protocol asks, always');

/** keepalived/check/check_http.c, install_http_ssl_check_keyword. */
const URL: KeywordTable = {
  ...keywords(
    [
      'path',
      'digest',
      'status_code',
      'virtualhost',
      'regex_no_match',
      'regex_options',
      'regex_min_offset',
      'regex_max_offset',
    ],
    READ,
  ),
  regex: QUOTED,
  regex_stack: IMPLIED,
  tls_compliant: TLS_ALERT,
};

const HTTP: KeywordTable = {
  ...COMMON,
  ...keywords(['nb_get_retry', 'virtualhost', 'http_protocol', 'enable_sni', 'sni_name'], READ),
  /** Every round of vipr asks for every URL, without a pause between them. */
  fast_recovery: IMPLIED,
  tls_compliant: TLS_ALERT,
  url: { use: 'read', body: URL },
};

/** The checkers of a real server, as blocks (keepalived/check/check_api.c, install_checkers_keyword). */
export const CHECKER_KEYWORDS: KeywordTable = {
  TCP_CHECK: { use: 'read', body: COMMON },
  PING_CHECK: { use: 'read', body: COMMON },
  HTTP_GET: { use: 'read', body: HTTP },
  SSL_GET: { use: 'read', body: HTTP },
  SMTP_CHECK: {
    use: 'read',
    body: { ...COMMON, helo_name: READ, host: { use: 'read', body: COMMON } },
  },
  DNS_CHECK: { use: 'read', body: { ...COMMON, ...keywords(['type', 'name'], READ) } },
  UDP_CHECK: {
    use: 'read',
    body: {
      ...COMMON,
      ...keywords(['payload', 'require_reply', 'min_reply_length', 'max_reply_length'], READ),
    },
  },
  MISC_CHECK: {
    use: 'read',
    body: { ...TIMING, ...keywords(['misc_timeout', 'misc_dynamic', 'user'], READ), misc_path: QUOTED },
  },
  FILE_CHECK: {
    use: 'read',
    /** The manual page has `dynamic`; keepalived itself does not know it, and always does what it says. */
    body: { ...keywords(['track_file', 'weight'], READ), dynamic: IMPLIED },
  },
  BFD_CHECK: {
    ...unsupported('vipr does not speak BFD: the real server is not watched by it'),
    body: keywords(['name', 'alpha'], READ),
  },
};
