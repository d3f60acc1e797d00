import type { Check, HttpProbe, HttpRequest, TlsSettings } from '../../../../model/check.ts';
import type { Milliseconds } from '../../../../model/unit.ts';
import type { ProblemLog } from '../../problem-log.ts';
import type { Settings } from '../../settings.ts';
import { flag, hostName, oneWord, shown } from '../../value.ts';
import { checkTiming } from '../check-timing.ts';
import type { CheckBuilder, CheckContext } from './check-context.ts';
import { checkEndpoint } from './check-endpoint.ts';
import { httpRequest } from './http-request.ts';

/** keepalived's check_http.c, http_get_handler. */
const DEFAULTS = { retry: 1, delayBeforeRetry: 3000 as Milliseconds };

/** HTTP_GET and SSL_GET. */
export function httpCheck(secure: boolean): CheckBuilder {
  return (statement, settings, context) => {
    const { log } = context;
    const virtualHost = hostName(settings.last('virtualhost'), log) ?? context.virtualHost;
    const urls = settings.all('url');
    const requests = urls.flatMap((url) => {
      const request = httpRequest(url, virtualHost, log);
      return request === undefined ? [] : [request];
    });
    if (urls.length === 0) log.error(statement.keyword.place, `${statement.keyword.text} misses its url`);
    const check: Omit<Check, 'probe'> = {
      endpoint: checkEndpoint(settings, context.server, log),
      timing: checkTiming(settings, context.timing, DEFAULTS, context),
    };
    const version = httpVersion(settings, log);
    const names = serverNames(settings, requests, secure, context);
    if (requests.length === 0) return [];
    return names.map(({ tls, requests: some }) => ({
      ...check,
      probe: { kind: 'http', version, ...(secure && { tls }), requests: some },
    }));
  };
}

/** 1.0C is 1.0 with `Connection: close`, which vipr sends always. */
function httpVersion(settings: Settings, log: ProblemLog): HttpProbe['version'] {
  const statement = settings.last('http_protocol');
  const word = statement && oneWord(statement, log);
  if (word === undefined || /^1\.0[cC]?$/.test(word.text)) return '1.0';
  if (word.text !== '1.1') log.error(word, `must be 1.0, 1.0C or 1.1, not ${shown(word.text)}`);
  return '1.1';
}

/**
 * The requests by the name that TLS asks for: `sni_name`, or with `enable_sni` each request's own host. A check has one name, so
 * requests with different ones become checks of their own.
 */
function serverNames(
  settings: Settings,
  requests: readonly HttpRequest[],
  secure: boolean,
  { log }: CheckContext,
): { readonly tls: TlsSettings; readonly requests: readonly HttpRequest[] }[] {
  const named = settings.last('sni_name');
  const enabled = flag(settings.last('enable_sni'), log);
  const wanted = named !== undefined || enabled === true;
  const given = named?.values[0] === undefined ? undefined : hostName(named, log);
  if (!secure && wanted) {
    const place = (named ?? settings.all('enable_sni')[0])?.keyword.place;
    if (place !== undefined) log.warn(place, 'a server name is for SSL_GET: HTTP_GET has no TLS');
  }
  const groups = new Map<string | undefined, HttpRequest[]>();
  for (const request of requests) {
    const name = wanted ? (given ?? request.virtualHost) : undefined;
    groups.set(name, [...(groups.get(name) ?? []), request]);
  }
  return [...groups].map(([serverName, some]) => ({
    tls: { ...(serverName !== undefined && { serverName }), verify: false },
    requests: some,
  }));
}
