import fc from 'fast-check';
import { type Destination, destinationKey, IPIP_TUNNEL, type Tunnel } from '../../src/model/destination.ts';
import { type Service, type ServiceId, serviceFamily, serviceKey } from '../../src/model/service.ts';
import type { Table } from '../../src/model/table.ts';
import type { Port, PrefixLength, Seconds, Weight } from '../../src/model/unit.ts';
import { HOST_PREFIX, ip, serviceOn, serviceOnMark } from './sample-table.ts';

/** Tables as `ipvsadm` can make them, with every setting that it has. At most `most` services, which repeat among tables. */
export function tableArbitrary(most = 6): fc.Arbitrary<Table> {
  return record({
    services: fc.uniqueArray(ids.chain(serviceOf), {
      selector: ({ id }) => serviceKey(id),
      maxLength: most,
    }),
    timeouts: record({ tcp: seconds, tcpfin: seconds, udp: seconds }),
  });
}

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;
/** INT_MAX / HZ at 250 Hz, the most that a timer holds. */
const MOST_SECONDS = 8_589_934;

const seconds = fc.integer({ min: 1, max: MOST_SECONDS }).map((value) => value as Seconds);
const ids: fc.Arbitrary<ServiceId> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('192.0.2.10', '192.0.2.11', '2001:db8::10', '::ffff:192.0.2.1'),
      fc.constantFrom(0, 80),
      fc.constantFrom('tcp', 'udp', 'sctp'),
    )
    .map(([address, port, protocol]) => serviceOn(address, port, protocol)),
  fc.constantFrom(serviceOnMark(1), serviceOnMark(1, 'inet6'), serviceOnMark(UINT_MAX)),
);
const weights = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(INT_MAX)).map((each) => each as Weight);
const checksum = fc.constantFrom('none', 'checksum', 'remote');
const tunnels: fc.Arbitrary<Tunnel> = fc.oneof(
  fc.constant(IPIP_TUNNEL),
  record({
    type: fc.constant('gue' as const),
    port: fc.integer({ min: 1, max: 65_535 }).map((port) => port as Port),
    checksum,
  }),
  fc.constantFrom('none' as const, 'checksum' as const).map((sum): Tunnel => {
    return { type: 'gre', port: 0 as Port, checksum: sum };
  }),
);
const thresholds = fc
  .tuple(fc.oneof(fc.constantFrom(0, 10), fc.integer({ min: 0, max: UINT_MAX })), fc.nat(20))
  .map(([upperThreshold, lower]) => ({ upperThreshold, lowerThreshold: Math.min(upperThreshold, lower) }));

function serviceOf(id: ServiceId): fc.Arbitrary<Service> {
  const inet = serviceFamily(id) === 'inet';
  const persistent = id.kind === 'address' && id.port === 0;
  return record({
    scheduler: fc.constantFrom('rr', 'wlc', 'sh', 'mh', 'none'),
    schedulerFlags: record({ flag1: fc.boolean(), flag2: fc.boolean(), flag3: fc.boolean() }),
    persistenceTimeout: persistent ? seconds : fc.option(seconds, { nil: undefined }),
    persistenceNetmask: inet
      ? fc.constantFrom(ip('255.255.255.255'), ip('255.255.255.0'), ip('255.0.255.0'))
      : fc.constantFrom(HOST_PREFIX, 64 as PrefixLength, 1 as PrefixLength),
    persistenceEngine: fc.constantFrom('sip', undefined),
    onePacket: id.kind === 'fwmark' || id.protocol === 'udp' ? fc.boolean() : fc.constant(false),
    destinations: destinationsOf(id),
  }).map(({ persistenceTimeout, persistenceEngine, ...rest }) => ({
    id,
    ...rest,
    ...(persistenceTimeout === undefined ? {} : { persistenceTimeout }),
    ...(persistenceEngine === undefined ? {} : { persistenceEngine }),
  }));
}

function destinationsOf(id: ServiceId): fc.Arbitrary<Destination[]> {
  const hosts = fc.integer({ min: 1, max: 4 });
  const own = serviceFamily(id) === 'inet' ? '10.0.0.' : 'fd00::';
  const other = own === '10.0.0.' ? 'fd00::' : '10.0.0.';
  const port = id.kind === 'address' ? id.port : (0 as Port);
  const rest = record({
    weight: weights,
    thresholds,
    proxyProtocol: fc.constantFrom('v2', 'off', undefined),
  }).map(({ weight, thresholds: limits, proxyProtocol }) => ({
    weight,
    ...limits,
    ...(proxyProtocol === undefined ? {} : { proxyProtocol }),
  }));
  const masqueraded = fc
    .tuple(hosts, fc.constantFrom(80, 8080), rest)
    .map(([host, to, settings]): Destination => {
      const address = ip(`${own}${host}`);
      return { address, port: to as Port, forwarding: 'masquerade', tunnel: IPIP_TUNNEL, ...settings };
    });
  const direct = fc.tuple(hosts, rest).map(([host, settings]): Destination => {
    return { address: ip(`${own}${host}`), port, forwarding: 'direct', tunnel: IPIP_TUNNEL, ...settings };
  });
  const tunnelled = fc
    .tuple(fc.constantFrom(own, other), hosts, tunnels, rest)
    .map(([network, host, tunnel, settings]): Destination => {
      return { address: ip(`${network}${host}`), port, forwarding: 'tunnel', tunnel, ...settings };
    });
  return fc.uniqueArray(fc.oneof(masqueraded, direct, tunnelled), {
    selector: destinationKey,
    maxLength: 6,
  });
}

/** Plain objects, which compare as equal to those that the product makes. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}
