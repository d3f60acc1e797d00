import type { DestinationSettings } from '../model/destination.ts';
import type { ServiceSettings } from '../model/service.ts';
import type { Timeouts } from '../model/table.ts';

/** Settings as words for the log: name and value; an empty value is the default and goes without saying. */
export type Facts = Readonly<Record<string, string>>;

export function serviceFacts(settings: ServiceSettings): Facts {
  const { flag1, flag2, flag3 } = settings.schedulerFlags;
  const flags = [flag1 && '1', flag2 && '2', flag3 && '3'].filter(Boolean).join('+');
  const mask = String(settings.persistenceNetmask);
  return {
    scheduler: settings.scheduler,
    flags,
    persistence: settings.persistenceTimeout === undefined ? '' : `${settings.persistenceTimeout} s`,
    netmask: mask === '255.255.255.255' || mask === '128' ? '' : mask,
    'persistence engine': settings.persistenceEngine ?? '',
    'one-packet': settings.onePacket ? 'on' : '',
  };
}

export function destinationFacts(settings: DestinationSettings): Facts {
  const { type, port, checksum } = settings.tunnel;
  return {
    method: settings.forwarding,
    weight: String(settings.weight),
    'upper threshold': settings.upperThreshold === 0 ? '' : String(settings.upperThreshold),
    'lower threshold': settings.lowerThreshold === 0 ? '' : String(settings.lowerThreshold),
    tunnel: settings.forwarding === 'tunnel' ? `${type} port ${port} checksum ${checksum}` : '',
    // An edit that leaves it out keeps it, so that its absence says nothing.
    ...(settings.proxyProtocol !== undefined && { 'proxy protocol': settings.proxyProtocol }),
  };
}

/** 0 keeps a timeout, so that it is no fact. */
export function timeoutFacts(timeouts: Timeouts): Facts {
  const given = Object.entries(timeouts).filter(([, seconds]) => seconds !== 0);
  return Object.fromEntries(given.map(([name, seconds]) => [name, `${seconds} s`]));
}

/** `scheduler wlc, persistence 300 s` */
export function showFacts(facts: Facts): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/** `weight 1 -> 0`; all facts where it is not known what was. */
export function showChange(before: Facts | undefined, after: Facts): string {
  if (before === undefined) return showFacts(after);
  const changes = Object.entries(after)
    .filter(([name, value]) => (before[name] ?? '') !== value)
    .map(([name, value]) => `${name} ${before[name] || 'none'} -> ${value || 'none'}`);
  return changes.length === 0 ? 'nothing changes' : changes.join(', ');
}
