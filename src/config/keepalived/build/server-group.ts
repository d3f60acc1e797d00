import {
  addressBytes,
  addressFromBytes,
  type Family,
  familyOf,
  type IpAddress,
  parseIpAddress,
} from '../../../model/address.ts';
import { asFirewallMark, type FirewallMark, type Port } from '../../../model/unit.ts';
import type { Place } from '../place.ts';
import type { ProblemLog } from '../problem-log.ts';
import { type Entry, endOf, type Statement } from '../statement.ts';
import { address, port, shown, UINT_MAX, wholeNumber } from '../value.ts';
import type { Word } from '../word.ts';

/** What a virtual server is for: an address, or packets with a mark. */
export type VirtualAddress =
  | { readonly kind: 'address'; readonly address: IpAddress; readonly port: Port; readonly place: Place }
  | {
      readonly kind: 'fwmark';
      readonly fwmark: FirewallMark;
      /** Absent where it follows from the servers. */
      readonly family?: Family;
      readonly place: Place;
    };

/** The addresses of a group: those with ports first, then those of marks, as keepalived adds them. */
export type ServerGroup = readonly VirtualAddress[];

/** What one range may hold. IPVS itself would take long for more. */
const LARGEST_RANGE = 65_536;

/** The `virtual_server_group` blocks, by name (keepalived's check_data.c, alloc_vsg_entry). */
export function serverGroups(statements: readonly Statement[], log: ProblemLog): Map<string, ServerGroup> {
  const groups = new Map<string, ServerGroup>();
  for (const statement of statements) {
    const [name, extra] = statement.values;
    if (extra !== undefined)
      log.error(extra.place, `${shown(extra.text)} has no meaning after the name of a group`);
    if (name === undefined) {
      log.error(endOf(statement), 'virtual_server_group misses its name');
      continue;
    }
    const members = (statement.entries ?? []).flatMap((entry) => membersOf(entry, log));
    if (statement.entries?.length === 0)
      log.error(statement.keyword.place, `the group ${name.text} has no addresses`);
    if (groups.has(name.text)) log.error(name, `the group ${name.text} is already given`);
    groups.set(name.text, [
      ...members.filter(({ kind }) => kind === 'address'),
      ...members.filter(({ kind }) => kind === 'fwmark'),
    ]);
  }
  return groups;
}

/** `fwmark N`, with a family where it stands in a group. */
export function markedAddress(
  words: readonly Word[],
  place: Place,
  log: ProblemLog,
): VirtualAddress | undefined {
  const [number, family] = words;
  if (number === undefined) {
    log.error(place, 'fwmark misses its number');
    return undefined;
  }
  const value = wholeNumber(number, 1, UINT_MAX, log);
  const fwmark = value === undefined ? undefined : asFirewallMark(value);
  if (family !== undefined && family.text !== 'inet' && family.text !== 'inet6') {
    log.error(family, `must be inet or inet6, not ${shown(family.text)}`);
    return undefined;
  }
  if (fwmark === undefined) return undefined;
  return { kind: 'fwmark', fwmark, ...(family !== undefined && { family: family.text as Family }), place };
}

function membersOf([first, second, third]: Entry, log: ProblemLog): VirtualAddress[] {
  const extra = first.text === 'fwmark' ? undefined : third;
  if (extra !== undefined)
    log.warn(extra.place, `${shown(extra.text)} has no meaning after address and port`);
  if (first.text === 'fwmark') {
    const words = [second, third].filter((word) => word !== undefined);
    const marked = markedAddress(words, first.place, log);
    return marked === undefined ? [] : [marked];
  }
  const number = second === undefined ? (0 as Port) : port(second, 'none', log);
  const addresses = addressesOf(first, log);
  if (number === undefined) return [];
  return addresses.map((each) => ({ kind: 'address', address: each, port: number, place: first.place }));
}

/** `192.0.2.1`, `192.0.2.1-10`, `192.0.2.250-192.0.3.10`, `192.0.2.8/29`, and the same of IPv6, where `-10` is hexadecimal. */
function addressesOf(word: Word, log: ProblemLog): IpAddress[] {
  const [, start = '', mark, end = ''] = /^([^-/]*)(?:([-/])(.*))?$/s.exec(word.text) ?? [];
  const first = address({ ...word, text: start }, log);
  if (first === undefined) return [];
  if (mark === undefined) return [first];
  const last = mark === '/' ? lastOfPrefix(first, end) : lastOfRange(first, end);
  if (typeof last === 'string') {
    log.error(word, last);
    return [];
  }
  const from = toNumber(first);
  const count = last - from + 1n;
  if (count < 1n) {
    log.error(word, 'the range ends before it begins');
    return [];
  }
  if (count > BigInt(LARGEST_RANGE)) {
    log.error(
      word,
      `the range has more than ${LARGEST_RANGE} addresses, a service each: use a firewall mark`,
    );
    return [];
  }
  const length = addressBytes(first).length;
  return Array.from({ length: Number(count) }, (_, index) => toAddress(from + BigInt(index), length));
}

function lastOfRange(first: IpAddress, end: string): bigint | string {
  const family = familyOf(first);
  if (end.includes(family === 'inet' ? '.' : ':')) {
    const last = parseIpAddress(end);
    return last !== undefined && familyOf(last) === family
      ? toNumber(last)
      : `${shown(end)} is no address that ends a range of ${family === 'inet' ? 'IPv4' : 'IPv6'}`;
  }
  const [digits, radix, most] = family === 'inet' ? [/^[0-9]+$/, 10, 0xff] : [/^[0-9a-f]+$/i, 16, 0xffff];
  const value = digits.test(end) ? Number.parseInt(end, radix) : Number.NaN;
  if (!(value <= most)) {
    return `${shown(end)} must be the last ${family === 'inet' ? 'number' : 'group, hexadecimal,'} of the range`;
  }
  const bits = family === 'inet' ? 8n : 16n;
  const last = ((toNumber(first) >> bits) << bits) | BigInt(value);
  // A range of one address is a mistake to keepalived, too.
  return last === toNumber(first) ? 'the range ends where it begins' : last;
}

function lastOfPrefix(first: IpAddress, length: string): bigint | string {
  const bits = addressBytes(first).length * 8;
  const value = /^[0-9]{1,3}$/.test(length) ? Number(length) : 0;
  if (value < 1 || value > bits) return `${shown(length)} must be a prefix length from 1 to ${bits}`;
  const hosts = (1n << BigInt(bits - value)) - 1n;
  return (toNumber(first) & hosts) === 0n
    ? toNumber(first) | hosts
    : 'the address has bits set beyond its prefix';
}

function toNumber(value: IpAddress): bigint {
  return addressBytes(value).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function toAddress(value: bigint, length: number): IpAddress {
  const bytes = Array.from({ length }, (_, index) =>
    Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn),
  );
  return addressFromBytes(Uint8Array.from(bytes));
}
