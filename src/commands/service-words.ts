import { ViprError } from '../model/error.ts';
import { parseHostPort } from '../model/parse-host-port.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import type { Protocol, ServiceId } from '../model/service.ts';

/** How a command line names a service, for messages. */
export const SERVICE_FORMS =
  '192.0.2.10:80 (of tcp), "udp [2001:db8::10]:53", "sctp 192.0.2.10:5060" or "fwmark 3 inet6"';

/**
 * Reads a service from the first words of a command line, whether the shell was told to keep them together or not:
 * `tcp 192.0.2.10:80`, `fwmark 3 inet6`, or an address and a port alone, of `protocol`. Throws USAGE.
 */
export function readService(
  words: readonly string[],
  protocol: Protocol = 'tcp',
): { readonly service: ServiceId; readonly rest: readonly string[] } {
  const [first = '', second = '', third = '', ...others] = words.flatMap((word) => word.trim().split(/\s+/));
  if (first === 'fwmark') {
    const named = third === 'inet' || third === 'inet6';
    const service = parseServiceKey(`fwmark ${second}${named ? ` ${third}` : ''}`);
    if (service !== undefined) return { service, rest: present(named ? others : [third, ...others]) };
  } else if (parseHostPort(first) !== undefined) {
    const service = parseServiceKey(`${protocol} ${first}`);
    if (service !== undefined) return { service, rest: present([second, third, ...others]) };
  } else {
    const service = parseServiceKey(`${first} ${second}`);
    if (service !== undefined) return { service, rest: present([third, ...others]) };
  }
  throw new ViprError('USAGE', `${JSON.stringify(words.join(' '))} names no service.`, {
    hint: `Services are named as ${SERVICE_FORMS}.`,
  });
}

/** {@link readService} where the service is all there is. */
export function readServiceAlone(words: readonly string[], protocol?: Protocol): ServiceId {
  const { service, rest } = readService(words, protocol);
  if (rest.length === 0) return service;
  throw new ViprError('USAGE', `After the service there is ${JSON.stringify(rest.join(' '))}.`, {
    hint: `Services are named as ${SERVICE_FORMS}.`,
  });
}

function present(words: readonly string[]): readonly string[] {
  return words.filter((word) => word !== '');
}
