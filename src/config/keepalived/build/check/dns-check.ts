import { oneWord, shown, text } from '../../value.ts';
import { checkTiming } from '../check-timing.ts';
import type { CheckBuilder } from './check-context.ts';
import { checkEndpoint } from './check-endpoint.ts';

/** keepalived's check_dns.c, DNS_TYPE; RRSIG and DNSKEY are in its code but not in its manual page. */
const TYPES: readonly string[] = ['A', 'NS', 'CNAME', 'SOA', 'MX', 'TXT', 'AAAA', 'RRSIG', 'DNSKEY'];

/** DNS_CHECK. */
export const dnsCheck: CheckBuilder = (_statement, settings, context) => {
  const { log } = context;
  const given = settings.last('type');
  const word = given && oneWord(given, log);
  const type = word?.text.toUpperCase() ?? 'SOA';
  if (word !== undefined && !TYPES.includes(type)) {
    log.error(word, `must be ${TYPES.slice(0, -1).join(', ')} or ${TYPES.at(-1)}, not ${shown(word.text)}`);
  }
  const named = settings.first('name');
  const name = text(named, log) ?? '.';
  if (named !== undefined && !isDomainName(name)) {
    log.error(named.values[0]?.place ?? named.keyword.place, `${shown(name)} is not a domain name`);
  }
  return [
    {
      probe: { kind: 'dns', type, name },
      endpoint: checkEndpoint(settings, context.server, log),
      timing: checkTiming(settings, context.timing, { retry: 3, delayBeforeRetry: 'interval' }, context),
    },
  ];
};

/** Labels of 1 to 63 bytes, 253 in all, with or without the dot of the root (RFC 1035 section 2.3.4). */
function isDomainName(name: string): boolean {
  return name === '.' || (/^(?:[^.\s]{1,63}\.)*[^.\s]{1,63}\.?$/.test(name) && name.length <= 254);
}
