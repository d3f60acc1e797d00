import { parseHostPort } from './parse-host-port.ts';
import type { Protocol, ServiceId } from './service.ts';
import { asFirewallMark } from './unit.ts';

/**
 * The inverse of `serviceKey`: `tcp 192.0.2.10:80`, `udp [2001:db8::1]:53`, `fwmark 3 inet6`.
 * A firewall mark without a family is of IPv4. Undefined for everything else.
 */
export function parseServiceKey(text: string): ServiceId | undefined {
  const mark = /^fwmark ([1-9][0-9]{0,9})(?: (inet6?))?$/.exec(text);
  if (mark !== null) {
    const fwmark = asFirewallMark(Number(mark[1]));
    return fwmark && { kind: 'fwmark', fwmark, family: mark[2] === 'inet6' ? 'inet6' : 'inet' };
  }
  const parts = /^(tcp|udp|sctp) (\S+)$/.exec(text);
  const endpoint = parseHostPort(parts?.[2] ?? '');
  return endpoint && { kind: 'address', protocol: parts?.[1] as Protocol, ...endpoint };
}
