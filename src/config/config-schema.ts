import { z } from 'zod';
import { parseIpAddress } from '../model/address.ts';
import { parseHostPort } from '../model/parse-host-port.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import { asPort, asPrefixLength, asSeconds, asWeight } from '../model/unit.ts';
import { DRIFT_MODES, ENGINE_CHOICES } from './config.ts';
import { ebpf, markRule, sysctl } from './ebpf-schema.ts';
import { parsed } from './parsed.ts';
import { choice, mapping, number, sequence, string, text, wholeNumber } from './schema-part.ts';

/**
 * vipr.yaml. The limits of numbers are those of the kernel's interface (include/uapi/linux/ip_vs.h) and not the narrower ones of
 * ipvsadm, so that every table can be saved; what depends on several fields is in `service-rules.ts`.
 */

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;
/** ipvsadm's manual page documents 300; its binary takes 360. */
const DEFAULT_PERSISTENCE_TIMEOUT = 300;

const timeout = number(`a whole number of seconds from 1 to ${INT_MAX}`, (value) =>
  value >= 1 ? asSeconds(value) : undefined,
);
const persistenceTimeout = number(`a whole number of seconds from 0 to ${INT_MAX}`, asSeconds);
const threshold = wholeNumber(0, UINT_MAX);
const netmaskText = 'an IPv4 netmask such as 255.255.255.0, or an IPv6 prefix length from 1 to 128';
const netmask = parsed(
  z.union([z.string(), z.number()], { error: `must be ${netmaskText}` }),
  (value) => (typeof value === 'number' ? asPrefixLength(value) : inetMask(value)),
  netmaskText,
);

const timeouts = mapping({
  tcp: timeout.optional(),
  tcpfin: timeout.optional(),
  udp: timeout.optional(),
});

const persistence = mapping({
  active: z.boolean({ error: 'must be true or false' }).default(true),
  timeout: persistenceTimeout.prefault(DEFAULT_PERSISTENCE_TIMEOUT),
  netmask: netmask.optional(),
  engine: text('the name of a persistence engine, of at most 16 characters', 16).optional(),
});

const tunnel = mapping({
  type: choice(['ipip', 'gue', 'gre']),
  port: number('a port from 1 to 65535', (value) => (value >= 1 ? asPort(value) : undefined)).optional(),
  checksum: choice(['none', 'checksum', 'remote']).default('none'),
});

export const destinationSchema = mapping({
  address: string('an address and a port, such as 192.0.2.11:80 or "[2001:db8::11]:80"', parseHostPort),
  method: choice(['masquerade', 'direct', 'tunnel']).default('masquerade'),
  weight: number(`a whole number from 0 to ${INT_MAX}`, asWeight).prefault(1),
  'upper-threshold': threshold.default(0),
  'lower-threshold': threshold.default(0),
  tunnel: tunnel.optional(),
  'proxy-protocol': choice(['v2', 'off']).optional(),
});

export const serviceSchema = mapping({
  service: string(
    'a protocol, an address and a port, such as "tcp 192.0.2.10:80" or "udp [2001:db8::10]:53", or "fwmark 3 inet6"',
    parseServiceKey,
  ),
  scheduler: text('the name of a scheduler, of at most 15 characters', 15).default('wlc'),
  flags: sequence(choice(['sh-fallback', 'sh-port', 'mh-fallback', 'mh-port', 'flag-1', 'flag-2', 'flag-3'])),
  persistence: z
    .preprocess(
      (value) => (value === true ? {} : value === false ? undefined : value),
      persistence.optional(),
    )
    .optional(),
  'one-packet': z.boolean({ error: 'must be true or false' }).default(false),
  destinations: sequence(destinationSchema),
});

const relay = mapping({
  'retry-refused': z.boolean({ error: 'must be true or false' }).optional(),
  'connect-timeout': wholeNumber(1, 60).optional(),
});

export const configSchema = mapping({
  engine: choice(ENGINE_CHOICES).default('auto'),
  workers: wholeNumber(1, 1024).optional(),
  relay: z.preprocess((value) => value ?? {}, relay),
  ebpf: z.preprocess((value) => value ?? {}, ebpf),
  drift: choice(DRIFT_MODES).default('report'),
  timeouts: z.preprocess((value) => value ?? {}, timeouts),
  services: sequence(serviceSchema),
});

/** The keys of every mapping of the file, by where it is; `[]` stands for an element. */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(configSchema.shape),
  relay: Object.keys(relay.shape),
  ebpf: Object.keys(ebpf.shape),
  'ebpf.sysctl': Object.keys(sysctl.shape),
  'ebpf.marks.[]': Object.keys(markRule.shape),
  timeouts: Object.keys(timeouts.shape),
  'services.[]': Object.keys(serviceSchema.shape),
  'services.[].persistence': Object.keys(persistence.shape),
  'services.[].destinations.[]': Object.keys(destinationSchema.shape),
  'services.[].destinations.[].tunnel': Object.keys(tunnel.shape),
};

function inetMask(value: string) {
  return value.includes(':') ? undefined : parseIpAddress(value);
}
