import type { CheckBuilder } from './check-context.ts';
import { connectionCheck } from './connection-check.ts';
import { dnsCheck } from './dns-check.ts';
import { fileCheck } from './file-check.ts';
import { httpCheck } from './http-check.ts';
import { miscCheck } from './misc-check.ts';
import { smtpCheck } from './smtp-check.ts';
import { udpCheck } from './udp-check.ts';

/** What reads each checker's block. */
export const CHECK_BUILDERS: Readonly<Record<string, CheckBuilder>> = {
  TCP_CHECK: connectionCheck({ kind: 'tcp' }),
  PING_CHECK: connectionCheck({ kind: 'ping' }),
  HTTP_GET: httpCheck(false),
  SSL_GET: httpCheck(true),
  SMTP_CHECK: smtpCheck,
  DNS_CHECK: dnsCheck,
  UDP_CHECK: udpCheck,
  MISC_CHECK: miscCheck,
  FILE_CHECK: fileCheck,
};
