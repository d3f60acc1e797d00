import type { EngineCapabilities } from '../../src/engines/engine.ts';
import type { DaemonRole } from '../../src/model/daemon.ts';
import type { Destination, ForwardingMethod } from '../../src/model/destination.ts';
import type { ViprErrorCode } from '../../src/model/error.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Protocol, ServiceId, ServiceSettings } from '../../src/model/service.ts';
import type { Port, PrefixLength, Seconds, Weight } from '../../src/model/unit.ts';
import { type Bench, withoutDaemons } from './conformance-bench.ts';
import { ip, serviceOnMark } from './sample-table.ts';

interface Case {
  readonly title: string;
  /** What must be done before, and the operation that is to be refused. */
  make(bench: Bench): { readonly before: readonly Operation[]; readonly operation: Operation };
}

export interface RefusalCase extends Case {
  readonly code: ViprErrorCode;
  readonly errno: string;
  /** Why the case cannot be tried, or undefined where it can. */
  readonly skip?: (bench: Bench) => string | undefined;
}

export interface UnsupportedCase extends Case {
  readonly supported: (capabilities: EngineCapabilities) => boolean;
}

/** Requests and the kernel's answers, as recorded from a Debian 6.12 kernel, with the order of its checks. */
export const refusals: readonly RefusalCase[] = [
  onAdd('a service that exists', 'SERVICE_EXISTS', 'EEXIST', {}, withService),
  onAdd(
    'a service that exists, with an unknown scheduler',
    'SERVICE_EXISTS',
    'EEXIST',
    { scheduler: 'nosuch' },
    withService,
  ),
  onAdd('a service with an unknown scheduler', 'SCHEDULER_NOT_FOUND', 'ENOENT', { scheduler: 'nosuch' }),
  onAdd('a scheduler without a name', 'SCHEDULER_NOT_FOUND', 'ENOENT', { scheduler: '' }),
  onAdd('a scheduler name of 15 bytes', 'SCHEDULER_NOT_FOUND', 'ENOENT', { scheduler: 'x'.repeat(15) }),
  onAdd('a scheduler name of 16 bytes', 'INVALID_OPERATION', 'EINVAL', { scheduler: 'x'.repeat(16) }),
  onAdd(
    'a service that exists, with a scheduler name of 16 bytes',
    'INVALID_OPERATION',
    'EINVAL',
    { scheduler: 'x'.repeat(16) },
    withService,
  ),
  withEngines(
    onAdd('an unknown persistence engine', 'PERSISTENCE_ENGINE_NOT_FOUND', 'ENOENT', {
      persistenceEngine: 'x'.repeat(16),
    }),
  ),
  withEngines(
    onAdd('a name of 17 bytes for a persistence engine', 'INVALID_OPERATION', 'EINVAL', {
      persistenceEngine: 'x'.repeat(17),
    }),
  ),
  onInet6('an IPv6 prefix of 0 bits', { persistenceNetmask: 0 as PrefixLength }),
  onInet6('an IPv6 prefix of 129 bits', { persistenceNetmask: 129 as PrefixLength }),
  onInet6('an IPv4 netmask for an IPv6 service', { persistenceNetmask: ip('255.255.255.0') }),
  onAdd('an IPv6 prefix for an IPv4 service', 'INVALID_OPERATION', 'EINVAL', {
    persistenceNetmask: 64 as PrefixLength,
  }),
  onService('editing a service that is missing', 'SERVICE_NOT_FOUND', 'ESRCH', (bench, id) => ({
    kind: 'edit-service',
    service: id,
    settings: bench.settings(id, { scheduler: 'nosuch' }),
  })),
  onService('deleting a service that is missing', 'SERVICE_NOT_FOUND', 'ESRCH', (_, id) => ({
    kind: 'delete-service',
    service: id,
  })),
  onService('zeroing a service that is missing', 'SERVICE_NOT_FOUND', 'ESRCH', (_, id) => ({
    kind: 'zero',
    service: id,
  })),
  onService('adding to a service that is missing', 'SERVICE_NOT_FOUND', 'ESRCH', (bench, id) => ({
    kind: 'add-destination',
    service: id,
    destination: bench.destination(0, { weight: -1 as Weight }),
  })),
  onService('editing in a service that is missing', 'SERVICE_NOT_FOUND', 'ESRCH', (bench, id) => ({
    kind: 'edit-destination',
    service: id,
    destination: bench.destination(0),
  })),
  onService('deleting from a service that is missing', 'SERVICE_NOT_FOUND', 'ESRCH', (bench, id) => ({
    kind: 'delete-destination',
    service: id,
    destination: bench.destination(0),
  })),
  {
    title: 'editing a service to an unknown scheduler',
    code: 'SCHEDULER_NOT_FOUND',
    errno: 'ENOENT',
    make: (bench) => {
      const id = bench.service(0);
      const settings = bench.settings(id, { scheduler: 'nosuch' });
      return { before: withService(bench), operation: { kind: 'edit-service', service: id, settings } };
    },
  },
  onDestination('adding a destination that exists', 'add', 'DESTINATION_EXISTS', 'EEXIST', {}, [0]),
  onDestination('a negative weight', 'add', 'OUT_OF_RANGE', 'ERANGE', { weight: -1 as Weight }, [0]),
  onDestination('a lower threshold above the upper one', 'add', 'OUT_OF_RANGE', 'ERANGE', {
    upperThreshold: 5,
    lowerThreshold: 10,
  }),
  onDestination('a lower threshold without an upper one', 'add', 'OUT_OF_RANGE', 'ERANGE', {
    lowerThreshold: 1,
  }),
  onDestination('a GUE tunnel without a port', 'add', 'INVALID_OPERATION', 'EINVAL', {
    tunnel: { type: 'gue', port: 0 as Port, checksum: 'none' },
  }),
  onDestination('a multicast destination', 'add', 'INVALID_OPERATION', 'EINVAL', {
    address: ip('224.0.0.1'),
  }),
  onDestination('a broadcast destination', 'add', 'INVALID_OPERATION', 'EINVAL', {
    address: ip('255.255.255.255'),
  }),
  onDestination('destination 0.0.0.0', 'add', 'INVALID_OPERATION', 'EINVAL', { address: ip('0.0.0.0') }),
  onDestination(
    'a masquerade destination of the other family',
    'add',
    'INVALID_OPERATION',
    'EINVAL',
    { address: ip('fd00::11') },
    [],
    (bench) => (bench.capabilities.families.length < 2 ? 'the engine has one address family' : undefined),
  ),
  onDestination('editing a destination that is missing', 'edit', 'DESTINATION_NOT_FOUND', 'ENOENT', {}, [1]),
  onDestination('editing a missing one to a negative weight', 'edit', 'OUT_OF_RANGE', 'ERANGE', {
    weight: -1 as Weight,
  }),
  onDestination(
    'editing to a lower threshold above the upper one',
    'edit',
    'OUT_OF_RANGE',
    'ERANGE',
    { upperThreshold: 1, lowerThreshold: 2 },
    [0],
  ),
  onDestination(
    'deleting a destination that is missing',
    'delete',
    'DESTINATION_NOT_FOUND',
    'ENOENT',
    {},
    [1],
  ),
  onTimeout('a negative timeout', -1),
  onTimeout('a timeout above INT_MAX / HZ', 8_589_935),
  onDaemon('a daemon on a missing interface', 'INTERFACE_NOT_FOUND', 'ENODEV', () => ({
    before: [],
    operation: startDaemon('nosuch0'),
  })),
  onDaemon('a daemon on an interface without a name', 'INTERFACE_NOT_FOUND', 'ENODEV', () => ({
    before: [],
    operation: startDaemon(''),
  })),
  onDaemon('a daemon on an interface whose name is too long', 'INVALID_OPERATION', 'EINVAL', () => ({
    before: [],
    operation: startDaemon('x'.repeat(16)),
  })),
  onDaemon('a daemon for a group that is not multicast', 'INVALID_OPERATION', 'EINVAL', () => ({
    before: [],
    operation: startDaemon('nosuch0', '10.0.0.1'),
  })),
  onDaemon('a daemon that runs already', 'DAEMON_RUNNING', 'EEXIST', (bench) => ({
    before: [startDaemon(bench.interface ?? '')],
    operation: startDaemon(bench.interface ?? ''),
  })),
  onDaemon('stopping a daemon that does not run', 'DAEMON_NOT_RUNNING', 'ESRCH', (bench) => ({
    before: [startDaemon(bench.interface ?? '', undefined, 'backup')],
    operation: { kind: 'stop-daemon', role: 'master' },
  })),
  onDaemon('a daemon while families are mixed', 'INVALID_OPERATION', 'EINVAL', (bench) => ({
    before: [...withService(bench), mixedDestination(bench)],
    operation: startDaemon('nosuch0'),
  })),
  onDaemon('mixing families while a daemon runs', 'INVALID_OPERATION', 'EINVAL', (bench) => ({
    before: [...withService(bench), startDaemon(bench.interface ?? '')],
    operation: mixedDestination(bench),
  })),
];

/** What an engine that lacks it refuses by name. */
export const unsupported: readonly UnsupportedCase[] = [
  ...(['masquerade', 'direct', 'tunnel', 'local', 'bypass'] as const).map(lackOfForwarding),
  ...(['tcp', 'udp', 'sctp'] as const).map(lackOfProtocol),
  {
    title: 'an engine without firewall marks refuses them',
    supported: (capabilities) => capabilities.fwmark,
    make: (bench) => addition(bench, serviceOnMark(7)),
  },
  {
    title: 'an engine without services on every port refuses them',
    supported: (capabilities) => capabilities.anyPort,
    make: (bench) => addition(bench, { ...bench.service(0), port: 0 as Port } as ServiceId),
  },
  {
    title: 'an engine without the persistence engine sip refuses it',
    supported: (capabilities) => capabilities.persistenceEngines.includes('sip'),
    make: (bench) => addition(bench, bench.service(0), { persistenceEngine: 'sip' }),
  },
  {
    title: 'an engine without synchronisation refuses its daemons',
    supported: (capabilities) => capabilities.syncDaemon,
    make: () => ({ before: [], operation: startDaemon('lo') }),
  },
  {
    title: 'an engine without the PROXY protocol refuses it',
    supported: (capabilities) => capabilities.proxyProtocol,
    make: (bench) => ({
      before: withService(bench),
      operation: {
        kind: 'add-destination',
        service: bench.service(0),
        destination: bench.destination(0, { proxyProtocol: 'v2' }),
      },
    }),
  },
];

function lackOfForwarding(forwarding: ForwardingMethod): UnsupportedCase {
  return {
    title: `an engine without the forwarding method ${forwarding} refuses it`,
    supported: (capabilities) => capabilities.forwarding.includes(forwarding),
    make: (bench) => ({
      before: withService(bench),
      operation: {
        kind: 'add-destination',
        service: bench.service(0),
        destination: bench.destination(0, { forwarding }),
      },
    }),
  };
}

function lackOfProtocol(protocol: Protocol): UnsupportedCase {
  return {
    title: `an engine without ${protocol} refuses it`,
    supported: (capabilities) => capabilities.protocols.includes(protocol),
    make: (bench) => addition(bench, { ...bench.service(0), protocol } as ServiceId),
  };
}

function addition(bench: Bench, id: ServiceId, changes: Partial<ServiceSettings> = {}) {
  const settings = bench.settings(id, changes);
  return { before: [], operation: { kind: 'add-service', service: id, settings } as const };
}

function withService(bench: Bench): Operation[] {
  const id = bench.service(0);
  return [{ kind: 'add-service', service: id, settings: bench.settings(id) }];
}

function onAdd(
  title: string,
  code: ViprErrorCode,
  errno: string,
  changes: Partial<ServiceSettings>,
  before: (bench: Bench) => Operation[] = () => [],
): RefusalCase {
  return {
    title,
    code,
    errno,
    make: (bench) => ({ ...addition(bench, bench.service(0), changes), before: before(bench) }),
  };
}

function withEngines(refusal: RefusalCase): RefusalCase {
  return {
    ...refusal,
    skip: ({ capabilities }) =>
      capabilities.persistenceEngines.length === 0 ? 'the engine has no persistence engines' : undefined,
  };
}

function onInet6(title: string, changes: Partial<ServiceSettings>): RefusalCase {
  return {
    title,
    code: 'INVALID_OPERATION',
    errno: 'EINVAL',
    skip: ({ capabilities }) =>
      capabilities.families.includes('inet6') ? undefined : 'the engine has no IPv6',
    make: (bench) => addition(bench, bench.service(0, 'inet6'), changes),
  };
}

function onService(
  title: string,
  code: ViprErrorCode,
  errno: string,
  operation: (bench: Bench, id: ServiceId) => Operation,
): RefusalCase {
  return {
    title,
    code,
    errno,
    make: (bench) => ({ before: withService(bench), operation: operation(bench, bench.service(1)) }),
  };
}

/** On destination 0 of a service that has those of `existing`. */
function onDestination(
  title: string,
  verb: 'add' | 'edit' | 'delete',
  code: ViprErrorCode,
  errno: string,
  changes: Partial<Destination>,
  existing: readonly number[] = [],
  skip: (bench: Bench) => string | undefined = () => undefined,
): RefusalCase {
  return {
    title,
    code,
    errno,
    skip,
    make: (bench) => {
      const service = bench.service(0);
      const others = existing.map((n): Operation => {
        return { kind: 'add-destination', service, destination: bench.destination(n) };
      });
      return {
        before: [...withService(bench), ...others],
        operation: { kind: `${verb}-destination`, service, destination: bench.destination(0, changes) },
      };
    },
  };
}

function onTimeout(title: string, seconds: number): RefusalCase {
  const keep = 0 as Seconds;
  const timeouts = { tcp: seconds as Seconds, tcpfin: keep, udp: keep };
  return {
    title,
    code: 'INVALID_OPERATION',
    errno: 'EINVAL',
    make: () => ({ before: [], operation: { kind: 'set-timeouts', timeouts } }),
  };
}

function onDaemon(
  title: string,
  code: ViprErrorCode,
  errno: string,
  make: (bench: Bench) => { before: Operation[]; operation: Operation },
): RefusalCase {
  return { title, code, errno, skip: withoutDaemons, make };
}

function startDaemon(name: string, group?: string, role: DaemonRole = 'master'): Operation {
  return {
    kind: 'start-daemon',
    daemon: { role, interface: name, syncId: 0, ...(group === undefined ? {} : { group: ip(group) }) },
  };
}

function mixedDestination(bench: Bench): Operation {
  return {
    kind: 'add-destination',
    service: bench.service(0),
    destination: bench.destination(0, { forwarding: 'tunnel' }, 'inet6'),
  };
}
