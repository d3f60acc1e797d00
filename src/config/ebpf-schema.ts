import { z } from 'zod';
import { addressBytes, parseIpAddress } from '../model/address.ts';
import { asFirewallMark, asPort, type Port } from '../model/unit.ts';
import { ATTACH_CHOICES } from './config.ts';
import { sysctl } from './ebpf-sysctl-schema.ts';
import { field } from './field-doc.ts';
import { parsed } from './parsed.ts';
import {
  brandedNumber,
  choice,
  mapping,
  optionalMapping,
  sequence,
  string,
  text,
  wholeNumber,
} from './schema-part.ts';

/** The section `ebpf` of vipr.yaml. */

/** Entries of the map `mark_rules`, bpf/maps.h. */
const MOST_RULES = 256;
const PORTS = 'a port such as 80, or a range such as 8000-8099';

export const markRule = mapping({
  mark: field(
    brandedNumber(1, 4_294_967_295, asFirewallMark, 'a firewall mark'),
    '1 to 4294967295',
    'mark: 1',
  ),
  protocol: field(
    choice(['tcp', 'udp', 'sctp']).optional(),
    '`tcp`, `udp` or `sctp`',
    'protocol: tcp',
    'any',
  ),
  address: field(
    string('an address or a network, such as 192.0.2.10, 192.0.2.0/24 or "::/0"', parseNetwork),
    'the address that packets are for, or a network of such',
    'address: 192.0.2.0/24',
  ),
  ports: field(
    parsed(z.union([z.number(), z.string()], { error: `must be ${PORTS}` }), parsePorts, PORTS).optional(),
    'a port that packets are for, or a range',
    'ports: 8000-8099',
    'all',
  ),
});

export const ebpf = mapping({
  attach: field(
    choice(ATTACH_CHOICES).optional(),
    '`auto`, `xdp` or `tc`: [where packets are met](vipr.md#interfaces). `vipr up --attach` goes before it',
    'attach: tc',
    'by device',
  ),
  interfaces: field(
    sequence(text('the name of an interface, or a pattern such as "eth*"', 64)),
    'a list of names and patterns of [interfaces](vipr.md#interfaces); empty for all that are up. `vipr up --interface` goes before it',
    'interfaces: [eth0, "wan*"]',
  ),
  connections: field(
    wholeNumber(1024, 134_217_728).optional(),
    '1024 to 134217728: connections, of each address family, that the table has room for. The kernel takes the memory at the start: some 230 bytes for one of IPv4, and 300 for one of IPv6',
    'connections: 262144',
    '1,048,576, or less where that is above an eighth of the memory',
  ),
  services: field(
    wholeNumber(16, 1_048_576).optional(),
    '16 to 1048576: services that the table has room for',
    'services: 1024',
    '65,536',
  ),
  destinations: field(
    wholeNumber(16, 1_048_576).optional(),
    '16 to 1048576: destinations of all services together',
    'destinations: 4096',
    '65,536',
  ),
  sysctl: field(
    optionalMapping(sysctl),
    'a mapping, see [sysctl](#sysctl)',
    'sysctl: { expire_nodest_conn: 1 }',
  ),
  marks: field(
    z
      .array(markRule, { error: 'must be a list' })
      .max(MOST_RULES, { error: `must have at most ${MOST_RULES} rules` })
      .nullish()
      .transform((value) => value ?? []),
    'a list of at most 256, see [marks](#marks)',
    'marks: [{ mark: 1, address: 192.0.2.10 }]',
  ),
});

function parseNetwork(value: string) {
  const [text = '', length, ...rest] = value.split('/');
  const address = parseIpAddress(text);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = 8 * addressBytes(address).length;
  const prefixLength = length === undefined ? bits : Number(length);
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  return prefixLength <= bits ? { address, prefixLength } : undefined;
}

function parsePorts(value: number | string): { firstPort: Port; lastPort: Port } | undefined {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(value)) ?? [];
  const [firstPort, lastPort] = [asPort(Number(first)), asPort(Number(last))];
  if (firstPort === undefined || lastPort === undefined || firstPort > lastPort) return undefined;
  return { firstPort, lastPort };
}
