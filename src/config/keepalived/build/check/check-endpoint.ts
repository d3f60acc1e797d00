import { familyOf } from '../../../../model/address.ts';
import type { CheckEndpoint } from '../../../../model/check.ts';
import type { DestinationId } from '../../../../model/destination.ts';
import { asFirewallMark } from '../../../../model/unit.ts';
import type { ProblemLog } from '../../problem-log.ts';
import type { Settings } from '../../settings.ts';
import type { Statement } from '../../statement.ts';
import { address, number, oneWord, port, shown, UINT_MAX } from '../../value.ts';

/** IFNAMSIZ less the zero at the end. */
const LONGEST_INTERFACE = 15;

/** Where a checker connects to, and from where; what it does not say is left to the destination. */
export function checkEndpoint(settings: Settings, server: DestinationId, log: ProblemLog): CheckEndpoint {
  const word = (name: string) => {
    const statement = settings.last(name);
    return statement && oneWord(statement, log);
  };
  const [ip, from] = [word('connect_ip'), word('bindto')];
  const [to, source] = [word('connect_port'), word('bind_port')];
  const target = ip && address(ip, log);
  const sourceAddress = from && address(from, log);
  const targetPort = to && port(to, 'refused', log);
  const sourcePort = source && port(source, 'refused', log);
  const device = interfaceName(settings.last('bind_if'), log);
  const mark = asFirewallMark(number(settings.last('fwmark'), 0, UINT_MAX, log) ?? 0);
  const destination = target ?? server.address;
  if (from && sourceAddress && familyOf(sourceAddress) !== familyOf(destination)) {
    log.error(from, `has another address family than ${destination}, to which it connects`);
  }
  if (ip && target && isLinkLocal(target) && device === undefined) {
    log.error(ip, `${target} is valid on one link only, which bind_if has to name`);
  }
  return {
    ...(target !== undefined && { address: target }),
    ...(targetPort !== undefined && { port: targetPort }),
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(sourcePort !== undefined && { sourcePort }),
    ...(device !== undefined && { interface: device }),
    ...(mark !== undefined && { mark }),
  };
}

function interfaceName(statement: Statement | undefined, log: ProblemLog): string | undefined {
  const word = statement && oneWord(statement, log);
  if (word === undefined) return undefined;
  if (/^[^\s/]+$/.test(word.text) && word.text.length <= LONGEST_INTERFACE) return word.text;
  log.error(
    word,
    `must be the name of an interface, of at most ${LONGEST_INTERFACE} characters, not ${shown(word.text)}`,
  );
  return undefined;
}

/** fe80::/10 (RFC 4291 section 2.5.6). */
function isLinkLocal(text: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(text);
}
