import { type Destination, IPIP_TUNNEL, type Tunnel } from '../../../model/destination.ts';
import type { Port } from '../../../model/unit.ts';
import type { ProblemLog } from '../problem-log.ts';
import { endOf, type Statement } from '../statement.ts';
import { port, shown } from '../value.ts';

/** How packets reach a server. */
export type Forwarding = Pick<Destination, 'forwarding' | 'tunnel'>;

/** What servers have where the file says nothing: keepalived's check_data.c, validate_check_config. */
export const DEFAULT_FORWARDING: Forwarding = { forwarding: 'masquerade', tunnel: IPIP_TUNNEL };

const METHODS: Readonly<Record<string, Forwarding['forwarding']>> = {
  NAT: 'masquerade',
  DR: 'direct',
  TUN: 'tunnel',
};
const CHECKSUMS: Readonly<Record<string, Tunnel['checksum']>> = {
  nocsum: 'none',
  csum: 'checksum',
  remcsum: 'remote',
};
const TYPES: readonly Tunnel['type'][] = ['ipip', 'gue', 'gre'];

/** `NAT`, `DR` or `TUN [type ipip|gue port N|gre] [nocsum|csum|remcsum]` (keepalived's check_parser.c, svr_forwarding_handler). */
export function forwarding(statement: Statement | undefined, log: ProblemLog): Forwarding | undefined {
  if (statement === undefined) return undefined;
  const [method, ...options] = statement.values;
  if (method === undefined) {
    log.error(endOf(statement), `${statement.keyword.text} misses its method: NAT, DR or TUN`);
    return undefined;
  }
  const name = METHODS[method.text];
  if (name === undefined) {
    log.error(method, `must be NAT, DR or TUN, not ${shown(method.text)}`);
    return undefined;
  }
  const [first] = options;
  if (name === 'tunnel' || first === undefined) {
    return { forwarding: name, tunnel: tunnel(statement, options, log) };
  }
  log.warn(first.place, `${shown(first.text)} has a meaning only after TUN`);
  return { forwarding: name, tunnel: IPIP_TUNNEL };
}

function tunnel(statement: Statement, options: Statement['values'], log: ProblemLog): Tunnel {
  let { type, port: number, checksum } = IPIP_TUNNEL;
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at];
    const value = options[at + 1];
    if (option === undefined) break;
    if (option.text === 'type' || option.text === 'port') {
      at += 1;
      if (value === undefined) log.error(endOf(statement), `${option.text} misses its value`);
      else if (option.text === 'port') number = port(value, 'refused', log) ?? (1 as Port);
      else {
        const known = TYPES.find((each) => each === value.text);
        if (known === undefined) log.error(value, `must be ipip, gue or gre, not ${shown(value.text)}`);
        type = known ?? type;
      }
    } else if (Object.hasOwn(CHECKSUMS, option.text)) checksum = CHECKSUMS[option.text] ?? checksum;
    else {
      log.error(option, `must be type, port, nocsum, csum or remcsum, not ${shown(option.text)}`);
    }
  }
  const { place } = statement.keyword;
  if (type === 'gue' && number === 0) log.error(place, 'a tunnel of type gue needs a port');
  if (type !== 'gue' && number !== 0) log.error(place, `a port is for type gue, not for ${type}`);
  if (type === 'ipip' && checksum !== 'none') log.error(place, 'a tunnel of type ipip has no checksum');
  if (type === 'gre' && checksum === 'remote') log.error(place, 'a tunnel of type gre has no remcsum');
  return { type, port: number, checksum };
}
