import type { z } from 'zod';
import { familyOf } from '../model/address.ts';
import type { Milliseconds } from '../model/unit.ts';
import type {
  Tracked,
  TrackScript,
  VirtualAddress,
  VirtualRoute,
  VirtualRule,
  VrrpGroupSettings,
  VrrpInstanceSettings,
  VrrpNotify,
  VrrpSettings,
} from '../model/vrrp.ts';
import type { SyncSettings } from './config.ts';
import type { ParsedConfig } from './config-schema.ts';
import { givenOf } from './given-of.ts';
import type { virtualAddresses, virtualRoute, virtualRule } from './vrrp-address-schema.ts';
import type { vrrpGroup, vrrpInstance } from './vrrp-schema.ts';
import type { tracked, trackScript, vrrpNotify } from './vrrp-track-schema.ts';

/** How often a master advertises where the file does not say: three intervals and the skew stay below a second. */
export const DEFAULT_INTERVALS = { 2: 1000 as Milliseconds, 3: 250 as Milliseconds } as const;

/** The section `vrrp` of a checked file. */
export function buildVrrp(given: NonNullable<ParsedConfig['vrrp']>): VrrpSettings {
  const fifos = given.fifos?.map(({ path, reader }) => ({ path, ...givenOf({ reader }) }));
  return {
    instances: given.instances.map(buildInstance),
    groups: given.groups.map(buildGroup),
    scripts: given.scripts.map(buildScript),
    startupDelay: given['startup-delay'],
    ...givenOf({ fifos }),
  };
}

/** The section `sync` of a checked file. */
export function buildSync(
  given: NonNullable<ParsedConfig['sync']>,
  instances: readonly VrrpInstanceSettings[],
): SyncSettings[] {
  return given.map(({ role, follow, interface: device, id, 'max-length': maxLength, ...rest }) => {
    const followed = instances.find(({ name }) => name === follow);
    return {
      role: follow === undefined ? (role ?? 'backup') : { follow },
      interface: device,
      syncId: id ?? followed?.virtualRouterId ?? 0,
      ...givenOf({ maxLength, ...rest }),
    };
  });
}

function buildInstance(given: z.output<typeof vrrpInstance>): VrrpInstanceSettings {
  const { name, interface: device, id, version, priority, state, interval, preempt, addresses } = given;
  const { 'virtual-mac': mac, announcements } = given;
  const [first] = addresses;
  if (first === undefined)
    throw new TypeError('a file that was found right has an instance without addresses');
  return {
    name,
    interface: device,
    family: familyOf(first.address.address),
    version,
    virtualRouterId: id,
    priority,
    initialState: state,
    advertisementInterval: interval ?? DEFAULT_INTERVALS[version],
    ...givenOf({ password: given.password }),
    pseudoHeaderChecksum: given['pseudo-header-checksum'],
    preempt,
    preemptDelay: given['preempt-delay'],
    addresses: addresses.map(buildAddress),
    excludedAddresses: given['excluded-addresses'].map(buildAddress),
    routes: given.routes.map(buildRoute),
    rules: given.rules.map(buildRule),
    ...givenOf({ unicastPeers: given['unicast-peers'], sourceAddress: given.source }),
    ...(mac !== undefined && {
      virtualMac: { interface: mac.interface, transmitBase: mac['transmit-base'] },
    }),
    accept: given.accept,
    ...(!given['track-interface'] && { untrackedInterface: true }),
    announcements: {
      delay: announcements.delay,
      repeat: announcements.repeat,
      refresh: announcements.refresh,
      refreshRepeat: announcements['refresh-repeat'],
      ...givenOf({
        lowerPriorityDelay: announcements['lower-priority-delay'],
        lowerPriorityRepeat: announcements['lower-priority-repeat'],
      }),
    },
    checkAddresses: given['check-addresses'],
    tracked: given.track.map(buildTracked),
    notify: buildNotify(given.notify),
  };
}

function buildGroup(given: z.output<typeof vrrpGroup>): VrrpGroupSettings {
  return {
    name: given.name,
    instances: given.instances,
    tracked: given.track.map(buildTracked),
    notify: buildNotify(given.notify),
  };
}

function buildScript(given: z.output<typeof trackScript>): TrackScript {
  const { timeout, 'init-fail': initFail, ...rest } = given;
  return { ...rest, timeout: timeout ?? given.interval, initFail };
}

function buildAddress(given: z.output<typeof virtualAddresses>): VirtualAddress {
  const { address, ...where } = given;
  return { ...address, ...givenOf(where) };
}

function buildRoute({ to: destination, ...rest }: z.output<typeof virtualRoute>): VirtualRoute {
  return givenOf({ destination, ...rest });
}

function buildRule({ table, ...rest }: z.output<typeof virtualRule>): VirtualRule {
  return { table, ...givenOf(rest) };
}

function buildTracked(given: z.output<typeof tracked>): Tracked {
  const { script, file, process, service, weight = 0 } = given;
  const reverse = given.reverse === true ? { reverse: true } : {};
  if (given.interface !== undefined) return { kind: 'interface', name: given.interface, weight, ...reverse };
  if (script !== undefined)
    return { kind: 'script', name: script, ...givenOf({ weight: given.weight }), ...reverse };
  if (file !== undefined) return { kind: 'file', path: file, weight: given.weight ?? 1, ...reverse };
  if (process !== undefined) return { kind: 'process', name: process, weight, ...reverse };
  if (service !== undefined) return { kind: 'service', service, weight };
  throw new TypeError('a file that was found right tracks nothing');
}

function buildNotify(given: z.output<typeof vrrpNotify>): VrrpNotify {
  return givenOf(given);
}
