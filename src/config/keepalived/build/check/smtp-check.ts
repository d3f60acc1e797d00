import { Settings } from '../../settings.ts';
import { hostName } from '../../value.ts';
import { COMMON_DEFAULTS, checkTiming } from '../check-timing.ts';
import type { CheckBuilder } from './check-context.ts';
import { checkEndpoint } from './check-endpoint.ts';

/** keepalived's check_smtp.h, SMTP_DEFAULT_HELO. */
const DEFAULT_HELO = 'smtpchecker.keepalived.org';
const TIMING_OF_HOSTS = ['retry', 'delay_before_retry', 'warmup', 'delay_loop', 'alpha', 'log_all_failures'];

/** SMTP_CHECK, also in its old form with `host` blocks, each of which is a server to talk to. */
export const smtpCheck: CheckBuilder = (_statement, settings, context) => {
  const { log, server } = context;
  const endpoints = settings.all('host').map(({ body = [] }) => {
    const host = new Settings(body, log);
    for (const name of [...TIMING_OF_HOSTS, 'connect_timeout']) {
      const place = host.last(name)?.keyword.place;
      if (place !== undefined) log.warn(place, `${name} counts for all hosts: it belongs into SMTP_CHECK`);
    }
    return checkEndpoint(host, server, log);
  });
  return [
    {
      probe: { kind: 'smtp', heloName: hostName(settings.last('helo_name'), log) ?? DEFAULT_HELO, endpoints },
      endpoint: checkEndpoint(settings, server, log),
      timing: checkTiming(settings, context.timing, COMMON_DEFAULTS, context),
    },
  ];
};
