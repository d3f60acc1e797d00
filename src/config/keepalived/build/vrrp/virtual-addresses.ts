import { familyOf } from '../../../../model/address.ts';
import type { VirtualAddress } from '../../../../model/vrrp.ts';
import { parseAddressPrefix } from '../../../address-prefix.ts';
import { givenOf } from '../../../given-of.ts';
import type { ProblemLog } from '../../problem-log.ts';
import type { Entry, Statement } from '../../statement.ts';
import { shown } from '../../value.ts';
import type { Word } from '../../word.ts';
import { interfaceWord } from './vrrp-value.ts';

/** An address with the place that it has in the file. */
export interface PlacedAddress extends VirtualAddress {
  readonly word: Word;
}

const SCOPES: Readonly<Record<string, VirtualAddress['scope']>> = {
  global: 'global',
  '0': 'global',
  site: 'site',
  '200': 'site',
  link: 'link',
  '253': 'link',
  host: 'host',
  '254': 'host',
};
/** What keepalived passes to the kernel besides, with the number of words behind it. */
const OTHERS: Readonly<Record<string, 0 | 1>> = {
  broadcast: 1,
  brd: 1,
  peer: 1,
  preferred_lft: 1,
  home: 0,
  '-nodad': 0,
  mngtmpaddr: 0,
  noprefixroute: 0,
  autojoin: 0,
  no_track: 0,
  use_vmac: 0,
};

/** The lines of `virtual_ipaddress` blocks (keepalived's vrrp_ipaddress.c, alloc_ipaddress). */
export function virtualAddresses(statements: readonly Statement[], log: ProblemLog): PlacedAddress[] {
  return statements.flatMap(({ entries = [] }) => entries.flatMap((entry) => virtualAddress(entry, log)));
}

/** `global`, `site`, `link`, `host` or their numbers (iproute2's rt_scopes). */
export function scopeOf(word: Word, log: ProblemLog): VirtualAddress['scope'] {
  const scope = SCOPES[word.text];
  if (scope === undefined) {
    log.warn(word.place, `the scope ${shown(word.text)} is not set: vipr knows global, site, link and host`);
  }
  return scope;
}

function virtualAddress([word, ...options]: Entry, log: ProblemLog): PlacedAddress[] {
  const parsed = parseAddressPrefix(word.text, 1);
  if (parsed === undefined) {
    log.error(word, `must be an address such as 192.0.2.10/24, not ${shown(word.text)}`);
    return [];
  }
  const found: { interface?: string | undefined; label?: string; scope?: VirtualAddress['scope'] } = {};
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at];
    if (option === undefined) break;
    const { text, place } = option;
    const takes = ['dev', 'scope', 'label'].includes(text) ? 1 : OTHERS[text];
    if (takes === undefined) {
      log.error(option, `${shown(text)} is nothing that an address can have`);
      continue;
    }
    const value = takes === 1 ? options[at + 1] : undefined;
    at += takes;
    if (takes === 1 && value === undefined) log.error(option, `${text} misses its value`);
    else if (text === 'dev' && value !== undefined) found.interface = interfaceWord(value, log);
    else if (text === 'scope' && value !== undefined) found.scope = scopeOf(value, log);
    else if (text === 'label' && value !== undefined) {
      const label = interfaceWord(value, log);
      if (familyOf(parsed.address) === 'inet6')
        log.warn(place, 'label has no effect: only IPv4 addresses have one');
      else if (label !== undefined) found.label = label;
    } else log.warn(place, `${text} of ${word.text} is not set: vipr sets address, device, label and scope`);
  }
  return [{ ...parsed, ...givenOf(found), word }];
}
