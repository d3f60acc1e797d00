import { type Family, familyOf } from '../../../model/address.ts';
import type { Port } from '../../../model/unit.ts';
import { nearest } from '../../nearest.ts';
import { endOf, type Statement } from '../statement.ts';
import { address, port, shown } from '../value.ts';
import type { BuildContext } from './build-context.ts';
import type { WrittenServer } from './real-server.ts';
import { markedAddress, type ServerGroup } from './server-group.ts';

/** What a `virtual_server` is for. */
export interface ServiceAddresses {
  readonly addresses: ServerGroup;
  readonly isGroup: boolean;
}

/** `ADDRESS [PORT]`, `fwmark N` or `group NAME` (keepalived's check_data.c, alloc_vs). Undefined where it is wrong. */
export function serviceAddresses(
  statement: Statement,
  { log, groups }: BuildContext,
): ServiceAddresses | undefined {
  const [first, second, extra] = statement.values;
  if (extra !== undefined)
    log.warn(extra.place, `${shown(extra.text)} has no meaning after address and port`);
  if (first === undefined) {
    log.error(
      endOf(statement),
      'virtual_server misses what it is for: ADDRESS PORT, fwmark NUMBER or group NAME',
    );
    return undefined;
  }
  const { place } = first;
  if (first.text === 'fwmark') {
    const marked = markedAddress(second === undefined ? [] : [second], place, log);
    return marked && { addresses: [marked], isGroup: false };
  }
  if (first.text === 'group') {
    const group = groups.get(second?.text ?? '');
    if (second === undefined) log.error(endOf(statement), 'group misses its name');
    else if (group === undefined) {
      const meant = nearest(second.text, groups.keys());
      const proposal = meant === undefined ? '' : `; did you mean ${meant}?`;
      log.error(second.place, `there is no virtual_server_group ${shown(second.text)}${proposal}`);
    }
    return group && { addresses: group.map((each) => ({ ...each, place })), isGroup: true };
  }
  const ip = address(first, log);
  const number = second === undefined ? (0 as Port) : port(second, 'none', log);
  if (ip === undefined || number === undefined) return undefined;
  return { addresses: [{ kind: 'address', address: ip, port: number, place }], isGroup: false };
}

/**
 * The family of a service for a mark, which follows from its servers: those that are not behind tunnels have it, else all together
 * have one, else it is IPv4 (keepalived's check_parser.c, vs_end_handler).
 */
export function familyOfServers(servers: readonly WrittenServer[], isGroup: boolean): Family {
  const near = servers.find(({ forwarding }) => forwarding !== 'tunnel');
  if (near !== undefined) return familyOf(near.address);
  const [first, ...others] = servers.map((server) => familyOf(server.address));
  return !isGroup && first !== undefined && others.every((family) => family === first) ? first : 'inet';
}
