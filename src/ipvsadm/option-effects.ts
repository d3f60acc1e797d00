import { familyOf, parseIpAddress } from '../model/address.ts';
import type { Protocol } from '../model/service.ts';
import type { FirewallMark, Port, PrefixLength, Seconds, Weight } from '../model/unit.ts';
import { parseAddressArgument } from './address-argument.ts';
import { parseDecimal, parseDecimalPrefix } from './decimal.ts';
import { type Draft, HOST_PREFIX } from './draft.ts';
import { type OptionName, type OptionSwitch, TUNNEL_RULES, type TunnelType } from './grammar.ts';
import { inetAton, inetPton6 } from './inet.ts';
import type { Names } from './names.ts';
import { Refusal } from './refusal.ts';

const INT_MAX = 2 ** 31 - 1;
/** Longest persistence and connection timeout, 31 days. */
const LONGEST_TIMEOUT = 31 * 86400;
/** What `-p` without a value means; the manual page says 300. */
const DEFAULT_PERSISTENCE = 360 as Seconds;
/** Names are cut silently, as the kernel's interface cannot carry more (linux/ip_vs.h; net/if.h). */
const SCHEDULER_NAME_LENGTH = 15;
const PERSISTENCE_ENGINE_NAME_LENGTH = 16;
const INTERFACE_NAME_LENGTH = 15;
/** Largest payload of a UDP datagram over IPv4. */
const LONGEST_SYNC_MESSAGE = 65507;

/** Carries out one option on the draft; throws a {@link Refusal} where its value or its repetition is wrong. */
export function applyOption(
  draft: Draft,
  option: OptionSwitch,
  value: string | undefined,
  names: Names,
): void | Promise<void> {
  const text = value ?? '';
  switch (option) {
    case 'tcp-service':
      return applyService(draft, 'tcp', text, names);
    case 'udp-service':
      return applyService(draft, 'udp', text, names);
    case 'sctp-service':
      return applyService(draft, 'sctp', text, names);
    case 'fwmark-service':
      give(draft, 'service-address');
      // service names of destinations are looked up as TCP's
      draft.protocol = 'tcp';
      draft.family = 'inet';
      draft.fwmark = ranged(
        text,
        1,
        2 ** 32 - 1,
        `invalid fwmark value \`${text}' specified`,
      ) as FirewallMark;
      return;
    case 'ipv6':
      if (draft.fwmark === undefined) throw new Refusal('-6 used before -f\n');
      draft.family = 'inet6';
      draft.persistenceNetmask = HOST_PREFIX;
      return;
    case 'scheduler':
      give(draft, option);
      draft.scheduler = text.slice(0, SCHEDULER_NAME_LENGTH);
      return;
    case 'persistent':
      give(draft, option);
      draft.persistenceTimeout = value === undefined ? DEFAULT_PERSISTENCE : parseTimeout(text, 1);
      return;
    case 'netmask':
      return applyNetmask(draft, text, names);
    case 'ops':
      give(draft, option);
      draft.onePacket = true;
      return;
    case 'pe':
      give(draft, option);
      draft.persistenceEngine = text.slice(0, PERSISTENCE_ENGINE_NAME_LENGTH);
      return;
    case 'sched-flags':
      give(draft, option);
      draft.schedulerFlags = text;
      return;
    case 'real-server':
      return applyServer(draft, text, names);
    case 'gatewaying':
      give(draft, 'forwarding-method');
      draft.forwarding = 'direct';
      return;
    case 'ipip':
      give(draft, 'forwarding-method');
      draft.forwarding = 'tunnel';
      return;
    case 'masquerading':
      give(draft, 'forwarding-method');
      draft.forwarding = 'masquerade';
      return;
    case 'weight':
      give(draft, option);
      draft.weight = ranged(text, 0, INT_MAX, 'illegal weight specified') as Weight;
      return;
    case 'u-threshold':
      give(draft, option);
      draft.upperThreshold = ranged(text, 0, INT_MAX, 'illegal u_threshold specified');
      return;
    case 'l-threshold':
      give(draft, option);
      draft.lowerThreshold = ranged(text, 0, INT_MAX, 'illegal l_threshold specified');
      return;
    case 'tun-type':
      give(draft, option);
      if (!isTunnelType(text)) throw new Refusal('illegal tunnel type specified');
      draft.tunnelType = text;
      return;
    case 'tun-port':
      give(draft, option);
      draft.tunnelPort = ranged(text, 1, 65535, 'illegal tunnel port specified') as Port;
      return;
    case 'tun-nocsum':
      give(draft, option);
      draft.tunnelChecksum = 'none';
      return;
    case 'tun-csum':
      give(draft, option);
      draft.tunnelChecksum = 'checksum';
      return;
    case 'tun-remcsum':
      give(draft, option);
      draft.tunnelChecksum = 'remote';
      return;
    case 'mcast-interface':
      give(draft, option);
      draft.interface = text.slice(0, INTERFACE_NAME_LENGTH) || draft.interface;
      return;
    case 'mcast-group':
      return applyGroup(draft, text);
    case 'mcast-port':
      give(draft, option);
      draft.daemonPort = ranged(text, 1, 65535, 'illegal mcast-port specified') as Port;
      return;
    case 'mcast-ttl':
      give(draft, option);
      draft.ttl = ranged(text, 1, 255, 'illegal mcast-ttl specified');
      return;
    case 'syncid':
      give(draft, option);
      draft.syncId = ranged(text, 0, 255, 'illegal syncid specified');
      return;
    case 'sync-maxlen':
      give(draft, option);
      draft.maxLength = ranged(text, 1, LONGEST_SYNC_MESSAGE, 'illegal sync-maxlen specified');
      return;
    case 'sort':
      return;
    case 'numeric':
    case 'connection':
    case 'timeout':
    case 'daemon':
    case 'stats':
    case 'rate':
    case 'thresholds':
    case 'persistent-conn':
    case 'tun-info':
    case 'exact':
    case 'nosort':
      give(draft, option);
      return;
    default:
      throw new Error(`no effect for ${option satisfies never}`);
  }
}

/** Seconds from `least` (0 or 1) to 31 days. */
export function parseTimeout(text: string, least: number): Seconds {
  return ranged(text, least, LONGEST_TIMEOUT, `invalid timeout value \`${text}' specified`) as Seconds;
}

function give(draft: Draft, option: OptionName): void {
  if (draft.given.has(option)) throw new Refusal(`multiple '${option}' options specified`);
  draft.given.add(option);
}

function ranged(text: string, least: number, most: number, complaint: string): number {
  const value = parseDecimal(text, least, most);
  if (value === undefined) throw new Refusal(complaint);
  return value;
}

const isTunnelType = (text: string): text is TunnelType => Object.hasOwn(TUNNEL_RULES, text);

async function applyService(draft: Draft, protocol: Protocol, text: string, names: Names): Promise<void> {
  give(draft, 'service-address');
  draft.protocol = protocol;
  const parsed = await parseAddressArgument(text, protocol, names);
  if (parsed === undefined) throw new Refusal('illegal virtual server address[:port] specified');
  draft.address = parsed.address;
  draft.port = parsed.port ?? draft.port;
  draft.family = familyOf(parsed.address);
  if (draft.family === 'inet6') draft.persistenceNetmask = HOST_PREFIX;
}

async function applyServer(draft: Draft, text: string, names: Names): Promise<void> {
  give(draft, 'real-server');
  const parsed = await parseAddressArgument(text, draft.protocol, names);
  if (parsed === undefined) throw new Refusal('illegal real server address[:port] specified');
  draft.destination = { address: parsed.address, port: parsed.port ?? draft.port };
}

async function applyNetmask(draft: Draft, text: string, names: Names): Promise<void> {
  give(draft, 'netmask');
  if (draft.family === 'inet6') {
    const length = parseDecimalPrefix(text);
    if (length < 1 || length > 128) throw new Refusal('illegal ipv6 netmask specified');
    draft.persistenceNetmask = length as PrefixLength;
    return;
  }
  const mask = inetAton(text) ?? (await names.hostAddress(text));
  if (mask === undefined) throw new Refusal('illegal virtual server persistent mask specified');
  draft.persistenceNetmask = mask;
}

function applyGroup(draft: Draft, text: string): void {
  give(draft, 'mcast-group');
  const inet6 = text.includes(':');
  const group = inet6 ? inetPton6(text) : parseIpAddress(text);
  // 224.0.0.0/4 or ff00::/8
  if (group === undefined || !(inet6 ? /^ff..:/ : /^2(?:2[4-9]|3.)\./).test(group)) {
    throw new Refusal(`invalid ${inet6 ? 'IPv6' : 'IPv4'} mcast-group \`${text}'`);
  }
  draft.group = group;
}
