import { z } from 'zod';
import { parseIpAddress } from '../model/address.ts';
import { duration } from './duration.ts';
import { field } from './field-doc.ts';
import { notifyFifo } from './operating-schema.ts';
import { parsed } from './parsed.ts';
import { choice, flag, mapping, optionalMapping, sequence, string, wholeNumber } from './schema-part.ts';
import { interfaceName, virtualAddresses, virtualRoute, virtualRule } from './vrrp-address-schema.ts';
import { NAME, name, tracked, trackScript, vrrpNotify } from './vrrp-track-schema.ts';

/** The section `vrrp` of vipr.yaml; what depends on several fields is in vrrp-rules.ts. */

const MOST_REPEATS = 2 ** 31 - 1;
const PASSWORD = 'a password of 1 to 8 bytes';
/** Addresses are counted in a byte. */
const MOST_ADDRESSES = 255;
const LONGEST_PREEMPT_DELAY = 1000;

export const announcements = mapping({
  delay: field(
    duration(0).prefault('5s'),
    'a [duration](#durations) from becoming master to the second volley; 0 for none',
    'delay: 1s',
  ),
  repeat: field(
    wholeNumber(1, MOST_REPEATS).default(5),
    '1 to 2147483647: messages of a volley for each address',
    'repeat: 3',
  ),
  refresh: field(
    duration(0).prefault(0),
    'a duration from volley to volley while it is master; 0 for none',
    'refresh: 60s',
  ),
  'refresh-repeat': field(
    wholeNumber(1, MOST_REPEATS).default(1),
    '1 to 2147483647: messages of such a volley for each address',
    'refresh-repeat: 2',
  ),
  'lower-priority-delay': field(
    duration(0).optional(),
    'a duration to the second volley after another master of lower priority was heard',
    'lower-priority-delay: 1s',
    'the delay',
  ),
  'lower-priority-repeat': field(
    wholeNumber(0, MOST_REPEATS).optional(),
    '0 to 2147483647: messages of such a volley for each address',
    'lower-priority-repeat: 1',
    'the repeat',
  ),
});

export const virtualMac = mapping({
  interface: field(interfaceName(), 'the name of the interface that is made for it', 'interface: vrrp51'),
  'transmit-base': field(
    flag().default(false),
    "`true` or `false`: whether advertisements come from the MAC address of the instance's own interface; with `unicast-peers` they have to",
    'transmit-base: true',
  ),
});

const addressList = (least: 0 | 1) =>
  z
    .array(virtualAddresses, { error: 'must be a list' })
    .min(least, { error: 'must have at least one address' })
    .max(MOST_ADDRESSES, { error: `must have at most ${MOST_ADDRESSES} addresses` });

export const vrrpInstance = mapping({
  name: field(name(), 'a name that no other instance has', 'name: web'),
  interface: field(interfaceName(), 'the interface that it advertises on', 'interface: eth0'),
  id: field(
    wholeNumber(1, 255),
    '1 to 255: the virtual router ID, the same on all routers of the group, and no other one on the interface',
    'id: 51',
  ),
  version: field(
    parsed(
      z.number({ error: 'must be 2 or 3' }),
      (value) => (value === 2 || value === 3 ? value : undefined),
      '2 or 3',
    ).prefault(3),
    '2 or 3: VRRP of RFC 3768, which is for IPv4 only, or of RFC 9568',
    'version: 2',
  ),
  priority: field(
    wholeNumber(1, 255).default(100),
    '1 to 255: the highest becomes master; 255 is the owner of the addresses, which has them anyway',
    'priority: 150',
  ),
  state: field(
    choice(['master', 'backup']).default('backup'),
    '`master` or `backup`: what it is at the start, before it has heard of others',
    'state: master',
  ),
  interval: field(
    duration(10).optional(),
    'a [duration](#durations) from advertisement to advertisement: of version 3 from 10ms to 40.95s in steps of 10ms, of version 2 whole seconds from 1s to 255s. A master that is silent for three of them, and part of a fourth, is replaced',
    'interval: 100ms',
    '250 ms, so that a dead master is replaced in less than a second; version 2: 1 s',
  ),
  preempt: field(
    flag().default(true),
    '`true` or `false`: whether it takes over from a master of lower priority',
    'preempt: false',
  ),
  'preempt-delay': field(
    parsed(
      duration(0),
      (value) => (value <= LONGEST_PREEMPT_DELAY * 1000 ? value : undefined),
      `a duration of at most ${LONGEST_PREEMPT_DELAY}s`,
    ).prefault(0),
    'a duration, of at most 1000s, that it waits before it does so',
    'preempt-delay: 60s',
  ),
  addresses: field(
    addressList(1),
    'a list of 1 to 255 addresses, all of one family, such as `192.0.2.10/24`, or of [mappings](#addresses): what the master has, and names in its advertisements',
    'addresses: [192.0.2.10/24]',
  ),
  'excluded-addresses': field(
    addressList(0)
      .nullish()
      .transform((value) => value ?? []),
    'a list of addresses, of any family, that the master has and does not name',
    'excluded-addresses: ["2001:db8::10/64"]',
  ),
  routes: field(
    sequence(virtualRoute),
    'a list of [routes](#routes) that the master has',
    'routes: [{ to: 198.51.100.0/24, via: 192.0.2.1 }]',
  ),
  rules: field(
    sequence(virtualRule),
    'a list of [routing rules](#rules) that the master has',
    'rules: [{ from: 192.0.2.10, table: 100 }]',
  ),
  'unicast-peers': field(
    z
      .array(string('an address, such as 192.0.2.3', parseIpAddress), { error: 'must be a list' })
      .min(1, { error: 'must have at least one address' })
      .optional(),
    'a list of addresses that advertisements go to, and come from',
    'unicast-peers: [192.0.2.3]',
    'the multicast groups 224.0.0.18 and ff02::12',
  ),
  source: field(
    string('an address, such as 192.0.2.2', parseIpAddress).optional(),
    'the address of this host that advertisements come from',
    'source: 192.0.2.2',
    "the interface's first one; of IPv6 its link-local one",
  ),
  password: field(
    string(PASSWORD, (value) => {
      const { length } = Buffer.from(value);
      return length >= 1 && length <= 8 && !value.includes('\0') ? value : undefined;
    }).optional(),
    'of version 2 only: a password of 1 to 8 bytes. It travels in clear, and keeps out mistakes, not attackers',
    'password: s3cret',
  ),
  'virtual-mac': field(
    virtualMac.optional(),
    'a mapping, see [virtual-mac](#virtual-mac): the master has the MAC address of the RFC, which moves with the addresses',
    'virtual-mac: { interface: vrrp51 }',
    "the interface's own MAC address",
  ),
  accept: field(
    flag().default(true),
    '`true` or `false`: whether programs of this host get packets for the addresses where it is not their owner, with priority 255',
    'accept: false',
  ),
  'check-addresses': field(
    flag().default(true),
    '`true` or `false`: whether advertisements that name other addresses are refused',
    'check-addresses: false',
  ),
  'pseudo-header-checksum': field(
    flag().default(true),
    '`true` or `false`: whether the checksum of version 3 over IPv4 covers a pseudo-header, as that of keepalived; RFC 9568 has none. Both are taken from others',
    'pseudo-header-checksum: false',
  ),
  announcements: field(
    optionalMapping(announcements),
    'a mapping, see [announcements](#announcements): when neighbours are told where the addresses are, by gratuitous ARP and neighbour advertisements',
    'announcements: { refresh: 60s }',
    '`{}`',
  ),
  'track-interface': field(
    flag().default(true),
    '`true` or `false`: whether it goes to FAULT while its own interface is down',
    'track-interface: false',
  ),
  track: field(
    sequence(tracked),
    'a list of [what its claim depends on](#track)',
    'track: [{ interface: eth1 }, { script: web, weight: -20 }]',
  ),
  notify: field(
    optionalMapping(vrrpNotify),
    'a mapping, see [notify of VRRP](#notify-of-vrrp)',
    'notify: { master: /usr/local/bin/master }',
    '`{}`',
  ),
});

export const vrrpGroup = mapping({
  name: field(name(), 'a name that no other group has', 'name: pair'),
  instances: field(
    z
      .array(
        string(NAME, (value) => (value === '' ? undefined : value)),
        { error: 'must be a list' },
      )
      .min(1, { error: 'must have at least one instance' }),
    'a list of names of instances, each in one group only',
    'instances: [outside, inside]',
  ),
  track: field(
    sequence(tracked),
    'a list of [what the claim of all its instances depends on](#track)',
    'track: [{ interface: eth2 }]',
  ),
  notify: field(
    optionalMapping(vrrpNotify),
    'a mapping, see [notify of VRRP](#notify-of-vrrp)',
    'notify: { fault: /usr/local/bin/fault }',
    '`{}`',
  ),
});

export const vrrp = mapping({
  instances: field(
    sequence(vrrpInstance),
    'a list of virtual routers, see [instances](#instances)',
    'instances: [{ name: web, interface: eth0, id: 51, addresses: [192.0.2.10/24] }]',
  ),
  groups: field(
    sequence(vrrpGroup),
    'a list of [groups](#groups-of-instances) of instances that are master together or not at all',
    'groups: [{ name: pair, instances: [outside, inside] }]',
  ),
  scripts: field(
    sequence(trackScript),
    'a list of [scripts](#scripts) whose exit code is tracked',
    'scripts: [{ name: web, command: /usr/local/bin/check-web }]',
  ),
  'startup-delay': field(
    duration(0).prefault(0),
    'a [duration](#durations) from the start of the director to that of the instances',
    'startup-delay: 10s',
  ),
  fifos: field(
    sequence(notifyFifo).transform((fifos) => (fifos.length === 0 ? undefined : fifos)),
    'a list of named pipes that get a line for each change of state, see [fifos](#fifos). One that `notify` has too gets both kinds of lines, and has one reader',
    'fifos: [{ path: /run/vipr/vrrp }]',
  ),
});
