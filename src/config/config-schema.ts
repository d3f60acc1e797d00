import type { z } from 'zod';
import { SCRIPT_SECURITIES } from '../model/script-security.ts';
import { asSeconds } from '../model/unit.ts';
import { timingFields } from './check-fields.ts';
import { checkMapping } from './check-schema.ts';
import { DRIFT_MODES, ENGINE_CHOICES } from './config.ts';
import { destinationSchema } from './destination-schema.ts';
import { ebpf } from './ebpf-schema.ts';
import { field } from './field-doc.ts';
import { api, logging, notify } from './operating-schema.ts';
import {
  brandedNumber,
  choice,
  flag,
  mapping,
  named,
  oneOrMore,
  optionalMapping,
  sequence,
  sequenceIfGiven,
  wholeNumber,
} from './schema-part.ts';
import { serviceSchema } from './service-schema.ts';
import { syncDaemon } from './sync-schema.ts';
import { vrrp } from './vrrp-schema.ts';

/**
 * vipr.yaml. The limits of numbers are those of the kernel's interface (include/uapi/linux/ip_vs.h) and not the narrower ones of
 * ipvsadm, so that every table can be saved; what depends on several fields is in the files `*-rules.ts`.
 */

const timeout = () => brandedNumber(1, 2 ** 31 - 1, asSeconds, 'a whole number of seconds').optional();

export const timeouts = mapping({
  tcp: field(
    timeout(),
    "1 to 2147483647; engines hold at most some 100 days, and the kernel's IPVS as many as its HZ allows: established TCP connections",
    'tcp: 3600',
    '900 s',
  ),
  tcpfin: field(timeout(), '1 to 2147483647: TCP connections in FIN_WAIT', 'tcpfin: 60', '120 s'),
  udp: field(timeout(), '1 to 2147483647: UDP', 'udp: 60', '300 s'),
});

export const relay = mapping({
  'retry-refused': field(
    flag().optional(),
    '`true` or `false`: whether a connection that its destination refuses, or does not answer in time, goes to another one before the client hears of it',
    'retry-refused: false',
    'on',
  ),
  'connect-timeout': field(
    wholeNumber(1, 60).optional(),
    '1 to 60: seconds that a destination has to accept a connection',
    'connect-timeout: 2',
    '5 s',
  ),
});

export const checkDefaults = mapping(timingFields);

/** What a file may have that others include. */
const sharedShape = {
  include: field(
    oneOrMore('the name of a file, or a pattern', (value) => (value === '' ? undefined : value)).optional(),
    'names of [other files](#several-files), or patterns such as `conf.d/*.yaml`: one, or a list',
    'include: conf.d/*.yaml',
  ),
  timeouts: field(
    optionalMapping(timeouts),
    'a mapping, see [timeouts](#timeouts)',
    'timeouts: { tcp: 3600 }',
  ),
  checks: field(
    named(checkMapping),
    'a mapping of names to [checks](#checks), for services and destinations to use',
    'checks: { web: { type: http, path: /health } }',
  ),
  groups: field(
    named(sequence(destinationSchema)),
    'a mapping of names to lists of [destinations](#destinations), for [services to share](#groups)',
    'groups: { web: [{ address: 10.0.0.11:80 }] }',
  ),
  services: field(
    sequence(serviceSchema),
    'a list, see [services](#services)',
    'services: [{ service: tcp 192.0.2.10:80 }]',
  ),
};

export const includedSchema = mapping(sharedShape);

export const configSchema = mapping({
  engine: field(
    choice(ENGINE_CHOICES).default('auto'),
    '`auto`, `ipvs`, `ebpf`, `relay` or `memory`: [what they are](vipr.md#engines). `vipr up --engine` goes before it',
    'engine: ipvs',
  ),
  workers: field(
    wholeNumber(1, 1024).optional(),
    '1 to 1024: threads of the relay that move bytes. `vipr up --workers` goes before it',
    'workers: 4',
    'one a core',
  ),
  relay: field(optionalMapping(relay), 'a mapping, see [relay](#relay)', 'relay: { connect-timeout: 2 }'),
  ebpf: field(optionalMapping(ebpf), 'a mapping, see [ebpf](#ebpf)', 'ebpf: { attach: tc }', '`{}`'),
  drift: field(
    choice(DRIFT_MODES).default('report'),
    '`report`, `repair` or `ignore`: what becomes of [changes that other programs make](vipr.md#drift)',
    'drift: repair',
  ),
  logging: field(optionalMapping(logging), 'a mapping, see [logging](#logging)', 'logging: { level: warn }'),
  api: field(
    api.nullish(),
    'a mapping, see [api](#api): where the [control API](api.md) listens besides its socket',
    'api: { listen: 127.0.0.1:8080 }',
    'none',
  ),
  notify: field(
    optionalMapping(notify),
    'a mapping, see [notify](#notify): where changes of health are told besides the log',
    'notify: { fifos: [{ path: /run/vipr/events }] }',
    '`{}`',
  ),
  'script-security': field(
    choice(SCRIPT_SECURITIES).default('warn'),
    '`warn` or `refuse`: what becomes of [commands](#commands) that would run as root and that others can change',
    'script-security: refuse',
  ),
  vrrp: field(
    vrrp.nullish(),
    'a mapping, see [vrrp](#vrrp): virtual addresses that one of several directors has',
    'vrrp: { startup-delay: 10s }',
    'none',
  ),
  sync: field(
    sequenceIfGiven(syncDaemon),
    'a list of at most two daemons that synchronise connections, see [sync](#sync)',
    'sync: [{ role: master, interface: eth1 }]',
  ),
  'check-defaults': field(
    optionalMapping(checkDefaults),
    'a mapping of keys of [when checks run](#when-checks-run), for all checks that do not say otherwise',
    'check-defaults: { interval: 5s, fall: 3 }',
  ),
  ...sharedShape,
});

/** A vipr.yaml whose fields are right by themselves. */
export type ParsedConfig = z.output<typeof configSchema>;
