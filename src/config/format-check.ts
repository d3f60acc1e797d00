import type { Check, CheckEndpoint, CheckTiming, HttpProbe, HttpRequest, Probe } from '../model/check.ts';
import type { ScriptCommand } from '../model/script-command.ts';
import { formatDuration } from './duration.ts';
import type { Writable } from './yaml-text.ts';

type Mapping = Readonly<Record<string, Writable | undefined>>;

/** A check as vipr.yaml has it, without `check-defaults`; what has its default is left out. */
export function formatCheck({ probe, endpoint, timing }: Check): Writable {
  const { type, ...fields } = formatProbe(probe);
  return { type, ...fields, ...formatEndpoint(endpoint), ...formatTiming(timing, probe) };
}

export function formatCommand({ argv, user, group, timeout }: ScriptCommand): Writable {
  if (user === undefined && group === undefined && timeout === undefined) return argv;
  return { command: argv, user, group, ...(timeout !== undefined && { timeout: formatDuration(timeout) }) };
}

function formatTiming(timing: CheckTiming, { kind }: Probe): Mapping {
  const { interval, timeout, retry, retryDelay, warmup, rise, fall, alpha, logAllFailures } = timing;
  return {
    ...(interval !== 10_000 && { interval: formatDuration(interval) }),
    ...(timeout !== 5000 && { timeout: formatDuration(timeout) }),
    ...(retry !== (kind === 'dns' ? 3 : kind === 'misc' ? 0 : 1) && { retry }),
    ...(retryDelay !== (kind === 'http' ? 3000 : 1000) && { 'retry-delay': formatDuration(retryDelay) }),
    ...(warmup !== interval && { warmup: formatDuration(warmup) }),
    ...(rise !== 1 && { rise }),
    ...(fall !== 1 && { fall }),
    ...(alpha && { alpha }),
    ...(logAllFailures && { 'log-all-failures': true }),
  };
}

function formatEndpoint(endpoint: CheckEndpoint): Mapping {
  const { address, port, sourceAddress, sourcePort, interface: name, mark } = endpoint;
  return {
    address,
    port,
    'source-address': sourceAddress,
    'source-port': sourcePort,
    interface: name,
    mark,
  };
}

function formatProbe(probe: Probe): Mapping & { readonly type: string } {
  const type = probe.kind;
  switch (probe.kind) {
    case 'tcp':
    case 'ping':
    case 'path':
      return { type };
    case 'http':
      return { type, ...formatHttpProbe(probe) };
    case 'smtp': {
      const { heloName, endpoints } = probe;
      return {
        type,
        ...(heloName !== 'localhost' && { 'helo-name': heloName }),
        ...(endpoints.length > 0 && { hosts: endpoints.map(formatEndpoint) }),
      };
    }
    case 'dns':
      return {
        type,
        ...(probe.type !== 'SOA' && { 'record-type': probe.type }),
        ...(probe.name !== '.' && { name: probe.name }),
      };
    case 'udp': {
      const { payload, requireReply, minReplyLength, maxReplyLength } = probe;
      return {
        type,
        ...formatPayload(payload),
        ...(requireReply && { 'require-reply': true }),
        ...(minReplyLength !== 0 && { 'min-reply-length': minReplyLength }),
        ...(maxReplyLength !== 65_535 && { 'max-reply-length': maxReplyLength }),
      };
    }
    case 'file':
      return { type, path: probe.path, ...(probe.factor !== 1 && { factor: probe.factor }) };
    case 'misc':
      return { type, command: formatCommand(probe.command), ...(probe.dynamic && { dynamic: true }) };
    default:
      probe satisfies never;
      throw new TypeError('a check of an unknown kind');
  }
}

function formatHttpProbe({ version, tls, requests }: HttpProbe): Mapping {
  const [first] = requests;
  // A host that stands beside `tls` would be the name that the certificate has to have.
  const named = tls !== undefined && tls.serverName === undefined && first?.virtualHost !== undefined;
  const alone = first !== undefined && requests.length === 1 && !named;
  return {
    ...(alone ? formatRequest(first) : { requests: requests.map(formatRequest) }),
    ...(tls !== undefined && { tls: formatTls(tls) }),
    ...(version !== '1.1' && { version }),
  };
}

function formatTls({ serverName, verify, certificateAuthority }: NonNullable<HttpProbe['tls']>): Writable {
  if (serverName === undefined && verify && certificateAuthority === undefined) return true;
  return {
    'server-name': serverName,
    ...(!verify && { verify }),
    'certificate-authority': certificateAuthority,
  };
}

function formatRequest({ path, method, virtualHost, status, digest, body }: HttpRequest): Mapping {
  const ranges = status.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`));
  return {
    ...(path !== '/' && { path }),
    ...(method !== 'GET' && { method }),
    'virtual-host': virtualHost,
    ...(ranges.length > 0 && { status: ranges.join(', ') }),
    ...(digest !== undefined && { digest: `${digest.algorithm}:${digest.value}` }),
    ...(body !== undefined && { body: formatBody(body) }),
  };
}

function formatBody(body: NonNullable<HttpRequest['body']>): Writable {
  const { pattern, absent, minOffset, maxOffset } = body;
  const alone = pattern.flags === '' && !absent && minOffset === undefined && maxOffset === undefined;
  if (alone) return pattern.source;
  return {
    pattern: pattern.source,
    ...(pattern.flags !== '' && { flags: pattern.flags }),
    ...(absent && { absent }),
    'min-offset': minOffset,
    'max-offset': maxOffset,
  };
}

function formatPayload(payload: Uint8Array): Mapping {
  if (payload.length === 0) return {};
  const text = Buffer.from(payload).toString('utf8');
  const readable = /^[\x20-\x7e]+$/.test(text);
  return readable ? { payload: text } : { 'payload-hex': Buffer.from(payload).toString('hex') };
}
