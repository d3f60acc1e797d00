import type { z } from 'zod';
import type { Check, CheckEndpoint, CheckTiming, HttpRequest, Probe } from '../model/check.ts';
import type { Milliseconds } from '../model/unit.ts';
import type { checkMapping } from './check-schema.ts';
import type { ParsedConfig } from './config-schema.ts';
import type { httpRequest } from './http-check-schema.ts';

/** A check as it was read. */
export type ParsedCheck = z.output<typeof checkMapping>;

type Defaults = ParsedConfig['check-defaults'];

const SECOND = 1000 as Milliseconds;

/** A check that a file gives, with the file's defaults and vipr's. */
export function buildCheck(given: ParsedCheck, defaults: Defaults): Check {
  return {
    probe: buildProbe(given),
    endpoint:
      given.type === 'file' || given.type === 'misc' || given.type === 'path' ? {} : buildEndpoint(given),
    timing: buildTiming(given, defaults),
  };
}

/** Defaults of keepalived (check_http.c, check_dns.c, check_misc.c), but for the interval, which is 60 s there. */
function buildTiming(given: ParsedCheck, defaults: Defaults): CheckTiming {
  const { type } = given;
  const interval = given.interval ?? defaults.interval ?? ((10 * SECOND) as Milliseconds);
  return {
    interval,
    timeout: given.timeout ?? defaults.timeout ?? ((5 * SECOND) as Milliseconds),
    retry: given.retry ?? defaults.retry ?? (type === 'dns' ? 3 : type === 'misc' ? 0 : 1),
    retryDelay:
      given['retry-delay'] ??
      defaults['retry-delay'] ??
      (type === 'http' ? ((3 * SECOND) as Milliseconds) : SECOND),
    warmup: given.warmup ?? defaults.warmup ?? interval,
    rise: given.rise ?? defaults.rise ?? 1,
    fall: given.fall ?? defaults.fall ?? 1,
    alpha: given.alpha ?? defaults.alpha ?? false,
    logAllFailures: given['log-all-failures'] ?? defaults['log-all-failures'] ?? false,
  };
}

type GivenEndpoint = Partial<
  Pick<
    Extract<ParsedCheck, { type: 'tcp' }>,
    'address' | 'port' | 'source-address' | 'source-port' | 'interface' | 'mark'
  >
>;

function buildEndpoint(given: GivenEndpoint): CheckEndpoint {
  const { address, port, mark } = given;
  const { 'source-address': sourceAddress, 'source-port': sourcePort, interface: name } = given;
  return {
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port }),
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(sourcePort !== undefined && { sourcePort }),
    ...(name !== undefined && { interface: name }),
    ...(mark !== undefined && { mark }),
  };
}

function buildProbe(given: ParsedCheck): Probe {
  switch (given.type) {
    case 'tcp':
    case 'ping':
    case 'path':
      return { kind: given.type };
    case 'http':
      return buildHttpProbe(given);
    case 'smtp':
      return { kind: 'smtp', heloName: given['helo-name'], endpoints: given.hosts.map(buildEndpoint) };
    case 'dns':
      return { kind: 'dns', type: given['record-type'], name: given.name };
    case 'udp':
      return {
        kind: 'udp',
        payload: given['payload-hex'] ?? given.payload ?? new Uint8Array(0),
        requireReply: given['require-reply'],
        minReplyLength: given['min-reply-length'],
        maxReplyLength: given['max-reply-length'],
      };
    case 'file':
      return { kind: 'file', path: given.path, factor: given.factor };
    case 'misc':
      return { kind: 'misc', command: given.command, dynamic: given.dynamic };
    default:
      given satisfies never;
      throw new TypeError('a check of an unknown type');
  }
}

function buildHttpProbe(given: Extract<ParsedCheck, { type: 'http' }>): Probe {
  const { tls } = given;
  const serverName = tls?.['server-name'] ?? given['virtual-host'];
  const certificateAuthority = tls?.['certificate-authority'];
  return {
    kind: 'http',
    version: given.version,
    ...(tls !== undefined && {
      tls: {
        ...(serverName !== undefined && { serverName }),
        verify: tls.verify,
        ...(certificateAuthority !== undefined && { certificateAuthority }),
      },
    }),
    requests: given.requests.length > 0 ? given.requests.map(buildRequest) : [buildRequest(given)],
  };
}

function buildRequest(given: z.output<typeof httpRequest>): HttpRequest {
  const { path, method, status = [], digest, body, 'virtual-host': virtualHost } = given;
  return {
    path,
    method,
    ...(virtualHost !== undefined && { virtualHost }),
    status,
    ...(digest !== undefined && { digest }),
    ...(body !== undefined && { body: buildBody(body) }),
  };
}

function buildBody(
  given: NonNullable<z.output<typeof httpRequest>['body']>,
): NonNullable<HttpRequest['body']> {
  const { pattern, absent, 'min-offset': minOffset, 'max-offset': maxOffset } = given;
  return {
    pattern,
    absent,
    ...(minOffset !== undefined && { minOffset }),
    ...(maxOffset !== undefined && { maxOffset }),
  };
}
