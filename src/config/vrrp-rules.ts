import { familyOf, type IpAddress, parseIpAddress } from '../model/address.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import { parseAddressPrefix } from './address-prefix.ts';
import { fieldOf, isMapping, listOf } from './config-layout.ts';
import type { ConfigPath } from './config-problem.ts';
import { nearest } from './nearest.ts';
import { type Report, read } from './rule.ts';
import { vrrpInstance } from './vrrp-schema.ts';

/** Keys and where they are given; every key but the first of its kind is told. */
export type CheckUnique = (places: readonly UniquePlace[]) => void;
export interface UniquePlace {
  readonly key: string | undefined;
  readonly path: ConfigPath;
}

type Mapping = Readonly<Record<string, unknown>>;
const INSTANCE = vrrpInstance.shape;
const TRACKED = ['interface', 'script', 'file', 'process', 'service'];
const OWNER = 255;

/** What must hold between the fields of the sections `vrrp` and `sync`; `services` are those of the file. */
export function checkVrrp(
  file: unknown,
  services: ReadonlySet<ServiceKey>,
  checkUnique: CheckUnique,
  report: Report,
): void {
  const vrrp = fieldOf(file, 'vrrp');
  const instances = membersOf(vrrp, 'instances');
  const groups = membersOf(vrrp, 'groups');
  const scripts = membersOf(vrrp, 'scripts');
  for (const [members, what] of [
    [instances, 'the instance'],
    [groups, 'the group'],
    [scripts, 'the script'],
  ] as const) {
    checkUnique(members.map(({ value, path }) => named(what, value.name, [...path, 'name'])));
  }
  checkUnique(instances.map(({ value, path }) => ({ key: routerOf(value), path: [...path, 'id'] })));
  checkUnique(
    instances.map(({ value, path }) =>
      named('the interface', fieldOf(value['virtual-mac'], 'interface'), [
        ...path,
        'virtual-mac',
        'interface',
      ]),
    ),
  );
  const fifos = listOf(fieldOf(vrrp, 'fifos')).map((fifo, index) =>
    named('', fieldOf(fifo, 'path'), ['vrrp', 'fifos', index, 'path']),
  );
  checkUnique(fifos);
  const known = namesOf(instances);
  for (const { value, path } of instances) {
    checkTimes(value, path, report);
    checkPriority(value, path, report);
    checkAddresses(value, path, checkUnique, report);
    checkVirtualMac(value, path, report);
  }
  checkUnique(
    groups.flatMap(({ value, path }) =>
      listOf(value.instances).map((name, index) =>
        named('the instance', name, [...path, 'instances', index]),
      ),
    ),
  );
  for (const { value, path } of groups) {
    listOf(value.instances).forEach((name, index) => {
      checkKnown(name, known, 'instance', [...path, 'instances', index], report);
    });
  }
  for (const { value, path } of [...instances, ...groups]) {
    listOf(value.track).forEach((tracked, index) => {
      checkTracked(tracked, [...path, 'track', index], namesOf(scripts), services, report);
    });
  }
  checkSync(file, known, report);
}

interface Member {
  readonly value: Mapping;
  readonly path: ConfigPath;
}

function membersOf(vrrp: unknown, key: string): Member[] {
  return listOf(fieldOf(vrrp, key)).flatMap((value, index) =>
    isMapping(value) ? [{ value, path: ['vrrp', key, index] }] : [],
  );
}

function namesOf(members: readonly Member[]): string[] {
  return members.flatMap(({ value: { name } }) => (typeof name === 'string' ? [name] : []));
}

function named(what: string, name: unknown, path: ConfigPath): UniquePlace {
  return { key: typeof name === 'string' ? `${what} ${name}`.trim() : undefined, path };
}

function routerOf(value: Mapping): string | undefined {
  const { interface: device, id } = value;
  const family = familyOfInstance(value);
  if (typeof device !== 'string' || typeof id !== 'number' || family === undefined) return undefined;
  return `the virtual router ${id} of ${FAMILY_NAMES[family]} on ${device}`;
}

const FAMILY_NAMES = { inet: 'IPv4', inet6: 'IPv6' } as const;

/** The family of its first address. */
function familyOfInstance(value: Mapping): 'inet' | 'inet6' | undefined {
  const address = addressOf(listOf(value.addresses)[0]);
  return address && familyOf(address);
}

function addressOf(value: unknown): IpAddress | undefined {
  const text = isMapping(value) ? value.address : value;
  return typeof text === 'string' ? parseAddressPrefix(text, 1)?.address : undefined;
}

function checkTimes(value: Mapping, path: ConfigPath, report: Report): void {
  const version = read(INSTANCE.version, value.version);
  const interval = read(INSTANCE.interval, value.interval);
  if (version === undefined) return;
  if (
    interval !== undefined &&
    version === 2 &&
    (interval % 1000 !== 0 || interval < 1000 || interval > 255_000)
  ) {
    report([...path, 'interval'], 'must be whole seconds from 1s to 255s in version 2');
  }
  if (interval !== undefined && version === 3 && (interval % 10 !== 0 || interval > 40_950)) {
    report([...path, 'interval'], 'must be from 10ms to 40.95s in steps of 10ms in version 3');
  }
  if (version === 3 && value.password !== undefined) {
    report([...path, 'password'], 'is for version 2 only: version 3 has no passwords');
  }
  const family = familyOfInstance(value);
  if (version === 2 && family === 'inet6') {
    report([...path, 'version'], 'must be 3 for IPv6 addresses: version 2 is for IPv4 only');
  }
  if (value['pseudo-header-checksum'] === false && (version === 2 || family === 'inet6')) {
    report([...path, 'pseudo-header-checksum'], 'is a choice for version 3 over IPv4 only');
  }
}

function checkPriority(value: Mapping, path: ConfigPath, report: Report): void {
  const delay = read(INSTANCE['preempt-delay'], value['preempt-delay']);
  if (value.preempt !== false) return;
  if (value.priority === OWNER) {
    report(
      [...path, 'preempt'],
      'must be true with priority 255: the owner of the addresses always takes over',
    );
  }
  if (delay !== undefined && delay > 0) {
    report([...path, 'preempt-delay'], 'has no effect without preempt');
  }
}

function checkAddresses(value: Mapping, path: ConfigPath, checkUnique: CheckUnique, report: Report): void {
  const family = familyOfInstance(value);
  const places = (['addresses', 'excluded-addresses'] as const).flatMap((key) =>
    listOf(value[key]).map((given, index) => ({
      key,
      given,
      address: addressOf(given),
      path: [...path, key, index, ...(isMapping(given) ? ['address'] : [])],
    })),
  );
  checkUnique(places.map(({ address, path }) => ({ key: address, path })));
  for (const { key, given, address, path: place } of places) {
    if (address === undefined) continue;
    if (key === 'addresses') checkFamily(address, family, place, report);
    if (fieldOf(given, 'label') !== undefined && familyOf(address) === 'inet6') {
      report([...place.slice(0, -1), 'label'], 'is for IPv4 addresses only');
    }
  }
  const plain = (given: unknown, place: ConfigPath) => {
    const address = typeof given === 'string' ? parseIpAddress(given) : undefined;
    if (address !== undefined) checkFamily(address, family, place, report);
  };
  plain(value.source, [...path, 'source']);
  const peers = listOf(value['unicast-peers']);
  peers.forEach((peer, index) => {
    plain(peer, [...path, 'unicast-peers', index]);
  });
  checkUnique(
    peers.map((peer, index) => ({
      key: typeof peer === 'string' ? parseIpAddress(peer) : undefined,
      path: [...path, 'unicast-peers', index],
    })),
  );
}

function checkVirtualMac(value: Mapping, path: ConfigPath, report: Report): void {
  const mac = value['virtual-mac'];
  if (!isMapping(mac)) return;
  if (mac.interface !== undefined && mac.interface === value.interface) {
    report([...path, 'virtual-mac', 'interface'], 'must be another interface than that of the instance');
  }
  if (value['unicast-peers'] !== undefined && mac['transmit-base'] !== true) {
    report(
      [...path, 'virtual-mac', 'transmit-base'],
      'must be true with unicast-peers: only multicast comes from the virtual MAC address',
    );
  }
}

function checkFamily(
  address: IpAddress,
  family: 'inet' | 'inet6' | undefined,
  path: ConfigPath,
  report: Report,
): void {
  const own = familyOf(address);
  if (family === undefined || own === family) return;
  report(
    path,
    `is ${FAMILY_NAMES[own]} in an instance of ${FAMILY_NAMES[family]}, which its first address makes it`,
  );
}

function checkTracked(
  value: unknown,
  path: ConfigPath,
  scripts: readonly string[],
  services: ReadonlySet<ServiceKey>,
  report: Report,
): void {
  if (!isMapping(value)) return;
  const given = TRACKED.filter((key) => value[key] !== undefined);
  const [first, second] = given;
  if (first === undefined) report(path, `must have one of ${TRACKED.join(', ')}`);
  else if (second !== undefined)
    report([...path, second], `is given beside ${first}: give each an entry of its own`);
  checkKnown(value.script, scripts, 'script', [...path, 'script'], report);
  if (typeof value.service !== 'string') return;
  const id = parseServiceKey(value.service);
  if (id !== undefined && !services.has(serviceKey(id))) {
    report([...path, 'service'], `there is no service ${serviceKey(id)} in this file`);
  }
  if (value.reverse === true) report([...path, 'reverse'], 'is not for services');
}

function checkKnown(
  name: unknown,
  known: readonly string[],
  what: string,
  path: ConfigPath,
  report: Report,
): void {
  if (typeof name !== 'string' || name === '' || known.includes(name)) return;
  const meant = nearest(name, known);
  const others =
    known.length === 0 ? `the section vrrp has no ${what}s` : `there are ${known.slice(0, 20).join(', ')}`;
  report(
    path,
    `there is no ${what} ${JSON.stringify(name)}; ${meant === undefined ? others : `did you mean ${meant}?`}`,
  );
}

function checkSync(file: unknown, instances: readonly string[], report: Report): void {
  const daemons = listOf(fieldOf(file, 'sync'));
  const roles: unknown[] = [];
  daemons.forEach((daemon, index) => {
    if (!isMapping(daemon)) return;
    const path = ['sync', index];
    const { role, follow } = daemon;
    if (role === undefined && follow === undefined) report(path, 'must have role or follow');
    if (role !== undefined && follow !== undefined) {
      report([...path, 'role'], 'is given beside follow, which tells the role: give one of them');
    }
    checkKnown(follow, instances, 'instance', [...path, 'follow'], report);
    if (follow !== undefined && daemons.length > 1) {
      report([...path, 'follow'], 'must be the only daemon: its role changes');
    } else if (role !== undefined && roles.includes(role)) {
      report([...path, 'role'], `${String(role)} is given twice: there is one of each`);
    }
    roles.push(role);
  });
}
