import { z } from 'zod';
import { parseIpAddress } from '../model/address.ts';
import { parseAddressPrefix } from './address-prefix.ts';
import { field } from './field-doc.ts';
import { choice, mapping, string, text, wholeNumber } from './schema-part.ts';

/** What a VRRP instance of vipr.yaml sets while it is master: addresses, routes and rules. */

const SCOPES = ['global', 'site', 'link', 'host'] as const;
const ADDRESS = 'an address of a prefix length from 1 on, such as 192.0.2.10/24 or "2001:db8::10/64"';
const NETWORK = 'an address or a network, such as 198.51.100.0/24 or "2001:db8::/32"';
const MOST_TABLES = 4_294_967_295;

export const interfaceName = () => text('the name of an interface, of at most 15 characters', 15);
const network = () => string(NETWORK, (value) => parseAddressPrefix(value));
const prefixed = () => string(ADDRESS, (value) => parseAddressPrefix(value, 1));

export const virtualAddress = mapping({
  address: field(
    prefixed(),
    'the address and its prefix length, which is 32, or 128, where it is not given',
    'address: 192.0.2.10/24',
  ),
  interface: field(
    interfaceName().optional(),
    'the interface that has it',
    'interface: eth1',
    "the instance's",
  ),
  label: field(
    text('a label, of at most 15 characters', 15).optional(),
    'of IPv4 only: its label, of at most 15 characters',
    'label: eth0:vip',
  ),
  scope: field(
    choice(SCOPES).optional(),
    '`global`, `site`, `link` or `host`: where it means something',
    'scope: link',
    'global',
  ),
});

/** An address alone, or with where it is set. */
export const virtualAddresses = z
  .union([prefixed(), virtualAddress], {
    error: `must be ${ADDRESS}, or a mapping with address, interface, label and scope`,
  })
  .transform((given) => ('prefixLength' in given ? { address: given } : given));

export const virtualRoute = mapping({
  to: field(network().optional(), 'where it leads', 'to: 198.51.100.0/24', 'everywhere'),
  via: field(
    string('an address, such as 192.0.2.1', parseIpAddress).optional(),
    'the address of the next router',
    'via: 192.0.2.1',
  ),
  source: field(
    string('an address, such as 192.0.2.10', parseIpAddress).optional(),
    'the address that this host sends from',
    'source: 192.0.2.10',
    "the system's choice",
  ),
  interface: field(interfaceName().optional(), 'the interface', 'interface: eth0', "the instance's"),
  table: field(
    wholeNumber(1, MOST_TABLES).optional(),
    '1 to 4294967295: the routing table',
    'table: 100',
    '254, `main`',
  ),
  metric: field(
    wholeNumber(0, MOST_TABLES).optional(),
    '0 to 4294967295: of several ways the lowest is taken',
    'metric: 10',
    "the system's",
  ),
  scope: field(
    choice(SCOPES).optional(),
    '`global`, `site`, `link` or `host`: how far it leads',
    'scope: link',
    'global with `via`, else link',
  ),
});

export const virtualRule = mapping({
  from: field(network().optional(), 'where packets come from', 'from: 192.0.2.10', 'anywhere'),
  to: field(network().optional(), 'where packets go', 'to: 198.51.100.0/24', 'anywhere'),
  table: field(
    wholeNumber(1, MOST_TABLES),
    '1 to 4294967295: the routing table that they are looked up in',
    'table: 100',
  ),
  preference: field(
    wholeNumber(0, MOST_TABLES).optional(),
    '0 to 4294967295: the order of rules',
    'preference: 1000',
    "the system's choice",
  ),
});
