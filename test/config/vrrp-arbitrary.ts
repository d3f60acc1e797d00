import fc from 'fast-check';
import type { SyncSettings } from '../../src/config/config.ts';
import { familyOf, type IpAddress } from '../../src/model/address.ts';
import type { ScriptCommand } from '../../src/model/script-command.ts';
import type { ServiceKey } from '../../src/model/service.ts';
import type { Milliseconds, Port } from '../../src/model/unit.ts';
import type {
  Tracked,
  VirtualAddress,
  VirtualRoute,
  VirtualRule,
  VrrpInstanceSettings,
  VrrpSettings,
} from '../../src/model/vrrp.ts';
import { ip } from '../engine/sample-table.ts';

/** Everything that the section `vrrp` of a file with these services can say. */
export function vrrpArbitrary(
  names: fc.Arbitrary<string>,
  commands: fc.Arbitrary<ScriptCommand>,
  services: readonly ServiceKey[],
): fc.Arbitrary<VrrpSettings> {
  const short = names.filter((name) => name.length <= 255);
  const scripts = fc.uniqueArray(
    record({
      name: short,
      command: commands,
      interval: milliseconds(1),
      timeout: milliseconds(1),
      weight: weights,
      rise: counts(1),
      fall: counts(1),
      initFail: fc.boolean(),
    }),
    { maxLength: 2, selector: ({ name }) => name },
  );
  const notify = record(
    { master: commands, backup: commands, fault: commands, stop: commands, any: commands },
    { requiredKeys: [] },
  );
  const fifo = record({ path: names, reader: commands }, { requiredKeys: ['path'] });
  const fifos = fc.uniqueArray(fifo, { minLength: 1, maxLength: 2, selector: ({ path }) => path });
  return scripts.chain((scripts) => {
    const tracked = fc.array(
      trackedArbitrary(
        names,
        scripts.map(({ name }) => name),
        services,
      ),
      { maxLength: 2 },
    );
    const claim = { tracked, notify };
    return fc
      .uniqueArray(instanceArbitrary(short, claim), { maxLength: 3, selector: ({ name }) => name })
      .map((instances) =>
        instances.map((instance, index) => ({
          ...instance,
          virtualRouterId: index + 1,
          ...(instance.virtualMac && {
            virtualMac: {
              interface: `vrrp.${index}`,
              transmitBase: instance.virtualMac.transmitBase || instance.unicastPeers !== undefined,
            },
          }),
        })),
      )
      .chain((instances) => {
        const members = instances.map(({ name }) => name);
        const group = record({ name: short, instances: fc.constant(members), ...claim });
        return record(
          {
            instances: fc.constant(instances),
            groups: fc.array(group, { maxLength: members.length === 0 ? 0 : 1 }),
            scripts: fc.constant(scripts),
            startupDelay: milliseconds(0),
            fifos,
          },
          { requiredKeys: ['instances', 'groups', 'scripts', 'startupDelay'] },
        ) as fc.Arbitrary<VrrpSettings>;
      });
  });
}

/** Everything that the section `sync` can say beside these instances. */
export function syncArbitrary(instances: readonly string[]): fc.Arbitrary<readonly SyncSettings[]> {
  const daemon = (role: fc.Arbitrary<SyncSettings['role']>) =>
    record(
      {
        role,
        interface: interfaces,
        syncId: fc.nat(255),
        maxLength: fc.integer({ min: 1, max: 65_507 }),
        group: fc.constantFrom(ip('224.0.0.81'), ip('239.255.0.1'), ip('ff02::81')),
        port: fc.integer({ min: 1, max: 65_535 }).map((port) => port as Port),
        ttl: fc.integer({ min: 1, max: 255 }),
      },
      { requiredKeys: ['role', 'interface', 'syncId'] },
    ) as fc.Arbitrary<SyncSettings>;
  const fixed = fc.uniqueArray(daemon(fc.constantFrom('master', 'backup')), {
    maxLength: 2,
    selector: ({ role }) => role,
  });
  if (instances.length === 0) return fixed;
  const following = daemon(fc.constantFrom(...instances).map((follow) => ({ follow })));
  return fc.oneof(
    fixed,
    following.map((one) => [one]),
  );
}

function record<T>(
  model: { [K in keyof T]: fc.Arbitrary<T[K]> },
  options: { readonly requiredKeys?: (keyof T)[] } = {},
): fc.Arbitrary<T> {
  return fc.record(model, { ...options, noNullPrototype: true } as fc.RecordConstraints<
    keyof T
  >) as fc.Arbitrary<T>;
}

const counts = (min: number) => fc.oneof(fc.integer({ min, max: 6 }), fc.constant(2 ** 31 - 1));
const weights = fc.oneof(fc.integer({ min: -253, max: 253 }), fc.constantFrom(0, 1));
const milliseconds = (min: number) =>
  fc
    .oneof(fc.integer({ min, max: 2 ** 31 - 1 }), fc.constantFrom(1000, 5000))
    .map((value) => value as Milliseconds);
const interfaces = fc.constantFrom('eth0', '1', 'true', 'a.b', 'wan-123456789ab', '$' + '{x}');
const scopes = fc.constantFrom('global', 'site', 'link', 'host');
const FAMILIES = {
  inet: ['192.0.2.10', '192.0.2.11', '198.51.100.1'].map(ip),
  inet6: ['2001:db8::10', 'fe80::1', '2001:db8:1::'].map(ip),
} as const;
const anyAddress = fc.constantFrom(...FAMILIES.inet, ...FAMILIES.inet6);

function prefixes(addresses: fc.Arbitrary<IpAddress>, least: number) {
  return addresses.chain((address) => {
    const bits = familyOf(address) === 'inet' ? 32 : 128;
    return fc.oneof(fc.integer({ min: least, max: bits }), fc.constant(bits)).map((prefixLength) => ({
      address,
      prefixLength,
    }));
  });
}

function placed(address: VirtualAddress): fc.Arbitrary<VirtualAddress> {
  const labelled = familyOf(address.address) === 'inet';
  return record(
    { interface: interfaces, ...(labelled && { label: fc.constantFrom('eth0:vip', '~') }), scope: scopes },
    { requiredKeys: [] },
  ).map((where) => ({ ...address, ...where }));
}

const networks = prefixes(anyAddress, 0);
const routes = record(
  {
    destination: networks,
    via: anyAddress,
    source: anyAddress,
    interface: interfaces,
    table: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    metric: fc.nat(100),
    scope: scopes,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<VirtualRoute>;
const rules = record(
  {
    from: networks,
    to: networks,
    table: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    preference: fc.nat(40_000),
  },
  { requiredKeys: ['table'] },
) as fc.Arbitrary<VirtualRule>;

function trackedArbitrary(
  names: fc.Arbitrary<string>,
  scripts: readonly string[],
  services: readonly ServiceKey[],
): fc.Arbitrary<Tracked> {
  const reverse = fc.constant(true);
  const plain = ['kind', 'weight'] as const;
  return fc.oneof(
    record(
      { kind: fc.constant('interface'), name: interfaces, weight: weights, reverse },
      { requiredKeys: [...plain, 'name'] },
    ),
    record(
      { kind: fc.constant('process'), name: names, weight: weights, reverse },
      { requiredKeys: [...plain, 'name'] },
    ),
    record(
      { kind: fc.constant('file'), path: names, weight: weights, reverse },
      { requiredKeys: [...plain, 'path'] },
    ),
    ...(scripts.length === 0
      ? []
      : [
          record(
            { kind: fc.constant('script'), name: fc.constantFrom(...scripts), weight: weights, reverse },
            { requiredKeys: ['kind', 'name'] },
          ),
        ]),
    ...(services.length === 0
      ? []
      : [record({ kind: fc.constant('service'), service: fc.constantFrom(...services), weight: weights })]),
  ) as fc.Arbitrary<Tracked>;
}

function instanceArbitrary(
  names: fc.Arbitrary<string>,
  claim: {
    readonly tracked: fc.Arbitrary<Tracked[]>;
    readonly notify: fc.Arbitrary<VrrpInstanceSettings['notify']>;
  },
): fc.Arbitrary<VrrpInstanceSettings> {
  return fc
    .constantFrom(['inet', 2], ['inet', 3], ['inet6', 3] as const)
    .chain(([family, version]) => {
      const own = fc.constantFrom(...FAMILIES[family as 'inet']);
      const peers = fc.uniqueArray(own, { minLength: 1 });
      const interval =
        version === 2
          ? fc.integer({ min: 1, max: 255 }).map((seconds) => seconds * 1000)
          : fc.oneof(
              fc.integer({ min: 1, max: 4095 }).map((steps) => steps * 10),
              fc.constant(250),
            );
      return record(
        {
          name: names,
          interface: interfaces,
          family: fc.constant(family),
          version: fc.constant(version),
          virtualRouterId: fc.constant(1),
          priority: fc.integer({ min: 1, max: 254 }),
          initialState: fc.constantFrom('master', 'backup'),
          advertisementInterval: interval,
          ...(version === 2 && { password: fc.constantFrom('a', '$' + '{x}', 'ééé', ' 1') }),
          pseudoHeaderChecksum: version === 3 && family === 'inet' ? fc.boolean() : fc.constant(true),
          preempt: fc.boolean(),
          preemptDelay: fc.integer({ min: 0, max: 1_000_000 }),
          all: fc.uniqueArray(prefixes(anyAddress, 1), { maxLength: 4, selector: ({ address }) => address }),
          first: prefixes(own, 1),
          routes: fc.array(routes, { maxLength: 2 }),
          rules: fc.array(rules, { maxLength: 2 }),
          unicastPeers: peers,
          sourceAddress: own,
          virtualMac: record({ interface: interfaces, transmitBase: fc.boolean() }),
          accept: fc.boolean(),
          untrackedInterface: fc.constant(true),
          announcements: record(
            {
              delay: milliseconds(0),
              repeat: counts(1),
              refresh: milliseconds(0),
              refreshRepeat: counts(1),
              lowerPriorityDelay: milliseconds(0),
              lowerPriorityRepeat: counts(0),
            },
            { requiredKeys: ['delay', 'repeat', 'refresh', 'refreshRepeat'] },
          ),
          checkAddresses: fc.boolean(),
          ...claim,
        },
        {
          requiredKeys: [
            'name',
            'interface',
            'family',
            'version',
            'virtualRouterId',
            'priority',
            'initialState',
            'advertisementInterval',
            'pseudoHeaderChecksum',
            'preempt',
            'preemptDelay',
            'all',
            'first',
            'routes',
            'rules',
            'accept',
            'announcements',
            'checkAddresses',
            'tracked',
            'notify',
          ],
        },
      );
    })
    .chain(({ all, first, preempt, preemptDelay, ...rest }) => {
      const others = all.filter(({ address }) => address !== first.address);
      const same = others.filter(({ address }) => familyOf(address) === familyOf(first.address));
      const excluded = others.filter((address) => !same.includes(address));
      return fc
        .tuple(fc.tuple(...[first, ...same].map(placed)), fc.tuple(...excluded.map(placed)))
        .map(([addresses, excludedAddresses]) => ({
          ...rest,
          preempt,
          preemptDelay: preempt ? preemptDelay : 0,
          addresses,
          excludedAddresses,
        }));
    }) as unknown as fc.Arbitrary<VrrpInstanceSettings>;
}
