import fc from 'fast-check';
import { ENGINE_CHOICES, LOG_FORMATS } from '../../src/config/config.ts';
import type { WritableConfig } from '../../src/config/format-config.ts';
import { LOG_LEVELS } from '../../src/config/log-level.ts';
import type { Check, CheckEndpoint, CheckTiming, HttpRequest, Probe } from '../../src/model/check.ts';
import { type DestinationKey, destinationKey, IPIP_TUNNEL } from '../../src/model/destination.ts';
import type { DestinationMonitoring, ServiceMonitoring, SorryServer } from '../../src/model/monitoring.ts';
import type { ScriptCommand } from '../../src/model/script-command.ts';
import { SCRIPT_SECURITIES } from '../../src/model/script-security.ts';
import { type Service, serviceFamily, serviceKey } from '../../src/model/service.ts';
import type { FirewallMark, Milliseconds, Port, Weight } from '../../src/model/unit.ts';
import { ip } from '../engine/sample-table.ts';
import { tableArbitrary } from '../engine/table-arbitrary.ts';
import { syncArbitrary, vrrpArbitrary } from './vrrp-arbitrary.ts';

/** Configurations with everything that a file can say. */
export function configArbitrary(): fc.Arbitrary<WritableConfig> {
  return tableArbitrary(4)
    .chain((table) =>
      some(
        {
          table: fc.constant(table),
          engine: fc.constantFrom(...ENGINE_CHOICES),
          drift: fc.constantFrom('report', 'repair', 'ignore'),
          relay: some({ retryRefused: fc.boolean(), connectTimeout: fc.integer({ min: 1, max: 60 }) }, []),
          ebpf: some(
            {
              attach: fc.constantFrom('auto', 'xdp', 'tc'),
              interfaces: fc.array(fc.constantFrom('eth0', 'wan*', '1', 'true'), { minLength: 1 }),
              connections: fc.integer({ min: 1024, max: 134_217_728 }),
              sysctls: some(
                {
                  drop_entry: fc.integer({ min: 0, max: 3 }),
                  pmtu_disc: fc.nat(1),
                  sync_threshold: fc.constantFrom([0, 0], [3, 50], [1, 2]),
                },
                [],
                'drop_entry',
              ),
              marks: fc.array(marks, { minLength: 1, maxLength: 2 }),
            },
            [],
          ),
          logging: some(
            { level: fc.constantFrom(...LOG_LEVELS), format: fc.constantFrom(...LOG_FORMATS) },
            [],
          ),
          notify: some({
            fifos: fc.uniqueArray(some({ path: lineText, reader: commands }, ['path']), {
              maxLength: 2,
              selector: ({ path }) => path,
            }),
          }),
          scriptSecurity: fc.constantFrom(...SCRIPT_SECURITIES),
          monitoring: monitoringOf(table.services),
          workers: fc.integer({ min: 1, max: 1024 }),
          api: some(
            {
              address: fc.constantFrom(ip('127.0.0.1'), ip('0.0.0.0'), ip('::1'), ip('::')),
              port: ports,
              tokenFile: lineText,
              tls: some({ certificate: lineText, key: lineText }),
            },
            ['address', 'port', 'tokenFile'],
          ),
          vrrp: vrrpArbitrary(
            lineText,
            commands,
            table.services.map(({ id }) => serviceKey(id)),
          ),
        },
        ['table', 'engine', 'drift', 'relay', 'ebpf', 'logging', 'notify', 'scriptSecurity', 'monitoring'],
      ),
    )
    .chain((config) => {
      const { vrrp } = config;
      const instances = vrrp?.instances.map(({ name }) => name) ?? [];
      return fc
        .option(syncArbitrary(instances))
        .map((sync) => ({ ...config, ...(sync !== null && { sync }) }));
    })
    .map((config) => config as unknown as WritableConfig);
}

/** A record whose keys may be missing, but for those that are named; without names all are there. */
function some<T extends object>(
  model: { [K in keyof T]: fc.Arbitrary<T[K]> },
  required?: readonly (keyof T)[],
  always?: keyof T,
): fc.Arbitrary<T> {
  const names = required ?? (Object.keys(model) as (keyof T)[]);
  const requiredKeys = [...names, ...(always === undefined ? [] : [always])];
  return fc.record(model, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<T>;
}

const wild = fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: 'binary' }));
const lineText = fc.oneof(
  fc.constantFrom('/run/a', 'a b', '$' + '{A}', '$$', '- x', '"', "'", '#', ': ', '1'),
  wild.filter((text) => /^[^\p{Cc}]+$/u.test(text)),
);
const word = fc.oneof(
  fc.constantFrom('a.example', '$', '$' + '{x}', '~', '{'),
  wild.filter((text) => /^\S+$/.test(text)),
);
const ports = fc.integer({ min: 1, max: 65_535 }).map((port) => port as Port);
const milliseconds = (min: number) =>
  fc
    .oneof(fc.integer({ min, max: 2 ** 31 - 1 }), fc.constantFrom(1000, 5000, 10_000, 3000))
    .map((value) => value as Milliseconds);

const marks = some(
  {
    mark: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    protocol: fc.constantFrom('tcp', 'udp', 'sctp'),
    address: fc.constantFrom(ip('192.0.2.10'), ip('10.0.0.0')),
    prefixLength: fc.nat(32),
    firstPort: fc.nat(100),
    lastPort: fc.constantFrom(100, 65_535),
  },
  ['mark', 'address', 'prefixLength', 'firstPort', 'lastPort'],
);

const commands: fc.Arbitrary<ScriptCommand> = some(
  {
    argv: fc
      .tuple(
        wild,
        fc.array(fc.oneof(wild, fc.constantFrom('', '\n', 'a b', '$x', '$' + '{x}')), { maxLength: 3 }),
      )
      .map(([program, words]) => [program, ...words].map((each) => each.replaceAll('\0', '0'))),
    user: fc.constantFrom('nobody', '1000', 'true'),
    group: fc.constantFrom('nogroup', 'null'),
    timeout: milliseconds(1),
  },
  ['argv'],
);

const endpointFields = {
  address: fc.constantFrom(ip('10.0.0.1'), ip('2001:db8::1')),
  sourceAddress: fc.constantFrom(ip('10.0.0.2'), ip('2001:db8::2')),
  interface: fc.constantFrom('eth0', 'true', 'a.b', '1'),
  mark: fc.integer({ min: 1, max: 2 ** 32 - 1 }).map((mark) => mark as FirewallMark),
};
const hosts: fc.Arbitrary<CheckEndpoint> = some(endpointFields, []);
const endpoints: fc.Arbitrary<CheckEndpoint> = some(
  { ...endpointFields, port: ports, sourcePort: ports },
  [],
);

const counts = (min: number) => fc.integer({ min, max: 4 });
const timings: fc.Arbitrary<CheckTiming> = some({
  interval: milliseconds(1),
  timeout: milliseconds(1),
  retry: counts(0),
  retryDelay: milliseconds(0),
  warmup: milliseconds(0),
  rise: counts(1),
  fall: counts(1),
  alpha: fc.boolean(),
  logAllFailures: fc.boolean(),
});

const offsets = fc
  .tuple(fc.nat(100), fc.nat(100))
  .map(([minOffset, more]) => ({ minOffset, maxOffset: minOffset + more }));
const patterns = fc
  .tuple(
    fc.constantFrom(
      'ok',
      '^a/b$',
      '(?:)',
      '\\d+ \\$',
      '[$]{2}',
      'x\ny',
      '\t',
      '\u2028',
      'é"\'',
      '# :',
      'true',
      '12',
    ),
    fc.constantFrom('', 'i', 'ims', 'u', 'iv'),
  )
  .map(([source, flags]) => new RegExp(source, flags));
const requests: fc.Arbitrary<HttpRequest> = some(
  {
    path: fc.constantFrom('/', '/health?a=b', '/$' + '{x}', '/a:%20#'),
    method: fc.constantFrom('GET', 'HEAD'),
    virtualHost: word.filter((text) => text.length < 255),
    status: fc.array(
      fc
        .tuple(fc.integer({ min: 100, max: 599 }), fc.nat(10))
        .map(([first, more]) => [first, first + more] as const),
      { maxLength: 3 },
    ),
    digest: fc.constantFrom(
      { algorithm: 'md5' as const, value: '0123456789abcdef'.repeat(2) },
      { algorithm: 'sha256' as const, value: '0123456789abcdef'.repeat(4) },
    ),
    body: fc
      .tuple(patterns, fc.boolean(), fc.option(offsets))
      .map(([pattern, absent, range]) => ({ pattern, absent, ...range })),
  },
  ['path', 'method', 'status'],
);

const tls = some(
  {
    verify: fc.boolean(),
    serverName: fc.constantFrom('www.example.org', '1'),
    certificateAuthority: lineText,
  },
  ['verify'],
);

/** Each kind of probe with the endpoints that it may have. */
const probes: fc.Arbitrary<readonly [Probe, CheckEndpoint]> = fc.oneof(
  pair(some({ kind: fc.constant('tcp' as const) }), endpoints),
  pair(
    some(
      {
        kind: fc.constant('http' as const),
        version: fc.constantFrom('1.0', '1.1'),
        requests: fc.array(requests, { minLength: 1, maxLength: 2 }),
        tls,
      },
      ['kind', 'version', 'requests'],
    ) as fc.Arbitrary<Probe>,
    endpoints,
  ),
  pair(
    some({
      kind: fc.constant('smtp' as const),
      heloName: fc.constantFrom('localhost', 'a.example', '12'),
      endpoints: fc.array(endpoints, { maxLength: 2 }),
    }),
    endpoints,
  ),
  pair(
    some({
      kind: fc.constant('dns' as const),
      type: fc.constantFrom('SOA', 'A', 'AAAA'),
      name: fc.constantFrom('.', 'www.example.org'),
    }),
    endpoints,
  ),
  pair(
    some({
      kind: fc.constant('udp' as const),
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.constant(new TextEncoder().encode('a $' + '{b} c')),
      ),
      requireReply: fc.boolean(),
      minReplyLength: fc.nat(100),
      maxReplyLength: fc.constantFrom(100, 65_535),
    }),
    endpoints,
  ),
  pair(some({ kind: fc.constant('ping' as const) }), hosts),
  pair(
    some({ kind: fc.constant('file' as const), path: lineText, factor: fc.integer({ min: -254, max: 254 }) }),
    fc.constant({}),
  ),
  pair(
    some({ kind: fc.constant('misc' as const), command: commands, dynamic: fc.boolean() }),
    fc.constant({}),
  ),
  pair(some({ kind: fc.constant('path' as const) }), fc.constant({})),
);

function pair(probe: fc.Arbitrary<Probe>, endpoint: fc.Arbitrary<CheckEndpoint>) {
  return fc.tuple(probe, endpoint);
}

const checks: fc.Arbitrary<Check> = fc
  .tuple(probes, timings)
  .map(([[probe, endpoint], timing]) => ({ probe, endpoint, timing }));

const destinations: fc.Arbitrary<DestinationMonitoring> = some(
  {
    checks: fc.array(checks, { maxLength: 2 }),
    inhibitOnFailure: fc.boolean(),
    connectionsOnFailure: fc.constantFrom('purge', 'leave'),
    slowStart: milliseconds(0),
    notifyUp: commands,
    notifyDown: commands,
  },
  ['checks', 'inhibitOnFailure', 'connectionsOnFailure', 'slowStart'],
);

function monitoringOf(services: readonly Service[]) {
  const entries = services.map((service) =>
    fc.option(serviceMonitoring(service)).map((value) => [serviceKey(service.id), value] as const),
  );
  return fc
    .tuple(...entries)
    .map((all) => new Map(all.flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))));
}

function serviceMonitoring(service: Service): fc.Arbitrary<ServiceMonitoring> {
  const keys = service.destinations.map(destinationKey).reverse();
  const alike = destinations.map((one) => keys.map(() => one));
  const each = fc.array(destinations, { minLength: keys.length, maxLength: keys.length });
  return some(
    {
      quorum: fc.integer({ min: 1, max: 5 }),
      hysteresis: fc.constant(0),
      alpha: fc.boolean(),
      omega: fc.boolean(),
      quorumUp: commands,
      quorumDown: commands,
      sorryServer: sorryServer(service),
      destinations: fc
        .oneof(alike, each)
        .map(
          (values) =>
            new Map(
              keys.map((key, index) => [key, values[index]] as [DestinationKey, DestinationMonitoring]),
            ),
        ),
    },
    ['quorum', 'hysteresis', 'alpha', 'omega', 'destinations'],
  );
}

function sorryServer({ id }: Service): fc.Arbitrary<SorryServer> {
  return some({
    destination: some({
      address: fc.constant(ip(serviceFamily(id) === 'inet' ? '10.255.255.1' : '2001:db8:ffff::1')),
      port: ports,
      forwarding: fc.constant('masquerade' as const),
      weight: fc.nat(3).map((weight) => weight as Weight),
      upperThreshold: fc.constantFrom(0, 5),
      lowerThreshold: fc.constant(0),
      tunnel: fc.constant(IPIP_TUNNEL),
    }),
    inhibit: fc.boolean(),
  });
}
