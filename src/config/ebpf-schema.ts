import { z } from 'zod';
import { addressBytes, parseIpAddress } from '../model/address.ts';
import { asFirewallMark, asPort, type Port } from '../model/unit.ts';
import { ATTACH_CHOICES, type EbpfSysctlName } from './config.ts';
import { parsed } from './parsed.ts';
import { choice, mapping, number, sequence, string, text, wholeNumber } from './schema-part.ts';

/** The section `ebpf` of vipr.yaml. */

/** Entries of the map `mark_rules`, bpf/maps.h. */
const MOST_RULES = 256;
const PORTS = 'a port such as 80, or a range such as 8000-8099';

export const sysctl = mapping({
  am_droprate: wholeNumber(1, 1_000_000).optional(),
  conn_reuse_mode: wholeNumber(0, 3).optional(),
  drop_entry: wholeNumber(0, 3).optional(),
  drop_packet: wholeNumber(0, 3).optional(),
  expire_nodest_conn: wholeNumber(0, 1).optional(),
  expire_quiescent_template: wholeNumber(0, 1).optional(),
  pmtu_disc: wholeNumber(0, 1).optional(),
  schedule_icmp: wholeNumber(0, 1).optional(),
  secure_tcp: wholeNumber(0, 3).optional(),
  sloppy_sctp: wholeNumber(0, 1).optional(),
  sloppy_tcp: wholeNumber(0, 1).optional(),
} satisfies Record<EbpfSysctlName, z.ZodType>);

export const markRule = mapping({
  mark: number('a firewall mark from 1 to 4294967295', asFirewallMark),
  protocol: choice(['tcp', 'udp', 'sctp']).optional(),
  address: string('an address or a network, such as 192.0.2.10, 192.0.2.0/24 or "::/0"', parseNetwork),
  ports: parsed(
    z.union([z.number(), z.string()], { error: `must be ${PORTS}` }),
    parsePorts,
    PORTS,
  ).optional(),
});

export const ebpf = mapping({
  attach: choice(ATTACH_CHOICES).optional(),
  interfaces: sequence(text('the name of an interface, or a pattern such as "eth*"', 64)),
  connections: wholeNumber(1024, 134_217_728).optional(),
  services: wholeNumber(16, 1_048_576).optional(),
  destinations: wholeNumber(16, 1_048_576).optional(),
  sysctl: z.preprocess((value) => value ?? {}, sysctl),
  marks: z.preprocess(
    (value) => value ?? [],
    z
      .array(markRule, { error: 'must be a list' })
      .max(MOST_RULES, { error: `must have at most ${MOST_RULES} rules` }),
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
