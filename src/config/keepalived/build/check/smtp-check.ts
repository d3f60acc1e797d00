import type { Check } from '../../../../model/check.ts';
import { Settings } from '../../settings.ts';
import { hostName, timer } from '../../value.ts';
import { COMMON_DEFAULTS, checkTiming } from '../check-timing.ts';
import type { CheckBuilder } from './check-context.ts';
import { checkEndpoint } from './check-endpoint.ts';

/** keepalived's check_smtp.h, SMTP_DEFAULT_HELO. */
const DEFAULT_HELO = 'smtpchecker.keepalived.org';
/** What counts for the checker with all of its hosts, also where it stands in one. */
const SHARED = ['retry', 'delay_before_retry', 'warmup', 'delay_loop', 'alpha', 'log_all_failures'];
const CONNECTION = [
  'connect_ip',
  'connect_port',
  'bindto',
  'bind_port',
  'bind_if',
  'fwmark',
  'connect_timeout',
];

/**
 * SMTP_CHECK. In its old form each `host` is a check of its own, and the real server is one more where the checker says anything about
 * a connection itself (keepalived's check_smtp.c, smtp_check_end_handler).
 */
export const smtpCheck: CheckBuilder = (_statement, settings, context) => {
  const { log, server } = context;
  const hosts = settings.all('host').map(({ body = [] }) => body);
  const own = [...SHARED, 'connect_timeout'].flatMap((name) => settings.all(name));
  const shared = hosts.flat().filter(({ keyword }) => SHARED.includes(keyword.text));
  const timing = checkTiming(
    new Settings([...own, ...shared], log),
    context.timing,
    COMMON_DEFAULTS,
    context,
  );
  const heloName = hostName(settings.last('helo_name'), log) ?? DEFAULT_HELO;
  const probe = { kind: 'smtp' as const, heloName, endpoints: [] };
  const main: Check = { probe, endpoint: checkEndpoint(settings, server, log), timing };
  const others = hosts.map((body): Check => {
    const host = new Settings(body, log);
    const timeout = timer(host.last('connect_timeout'), 1, log) ?? context.timing.connectTimeout;
    return { probe, endpoint: checkEndpoint(host, server, log), timing: { ...timing, timeout } };
  });
  const isWanted = hosts.length === 0 || CONNECTION.some((name) => settings.has(name));
  return isWanted ? [main, ...others] : others;
};
