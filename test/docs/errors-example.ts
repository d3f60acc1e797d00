import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DirectorClient } from '../../src/api/client.ts';
import { decodeJson } from '../../src/api/codec.ts';
import { operationsRequestSchema } from '../../src/api/operation-schema.ts';
import { requestInvalid } from '../../src/api/problem.ts';
import { socketTarget } from '../../src/api/request-target.ts';
import { loadConfig, parseConfig } from '../../src/config/load-config.ts';
import { applyOperations } from '../../src/director/apply-operations.ts';
import { openControlSocket } from '../../src/director/control-socket.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { refusalOf } from '../../src/engines/ipvs/ipvs-refusal.ts';
import { openIpvs } from '../../src/engines/ipvs/open-ipvs-engine.ts';
import { MemoryEngine } from '../../src/engines/memory/memory-engine.ts';
import { RelayEngine } from '../../src/engines/relay/relay-engine.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import type { ViprErrorCode } from '../../src/model/error.ts';
import type { Operation } from '../../src/model/operation.ts';
import { FakeKernel } from '../../src/netlink/fake-kernel.ts';
import { GenericNetlink } from '../../src/netlink/generic-netlink.ts';
import { NetlinkConnection } from '../../src/netlink/netlink-connection.ts';
import { refused } from '../../src/netlink/netlink-error.ts';

/** What docs/errors.md calls the directory in which the examples happen. */
const SHOWN_DIRECTORY = '/run/vipr';
/** What it calls the port that another program has. */
const SHOWN_PORT = 8080;

/**
 * Makes each error happen as it does to users, and returns it with its message as docs/errors.md shows it: with the
 * directory and port there in the place of those of this run.
 */
export const EXAMPLES: Readonly<Record<ViprErrorCode, () => Promise<unknown>>> = {
  SERVICE_EXISTS: () => refusal(memory(), addService(), addService()),
  SERVICE_NOT_FOUND: () => refusal(memory(), { kind: 'delete-service', service: WEB }),
  DESTINATION_EXISTS: () => refusal(memory(), addService(), addDestination(), addDestination()),
  DESTINATION_NOT_FOUND: () =>
    refusal(memory(), addService(), { kind: 'delete-destination', service: WEB, destination: SERVER }),
  SCHEDULER_NOT_FOUND: () => refusal(memory(), addService({ scheduler: 'wlcc' })),
  PERSISTENCE_ENGINE_NOT_FOUND: () => refusal(memory(), addService({ persistenceEngine: 'sipp' })),
  INVALID_OPERATION: () => refusal(memory(), addService(), addDestination({ address: '224.0.0.1' })),
  OUT_OF_RANGE: () =>
    refusal(memory(), addService(), addDestination({ upperThreshold: 100, lowerThreshold: 200 })),
  FAMILY_NOT_SUPPORTED: async () => {
    const [inet6] = read(addService({ persistenceNetmask: 128 }, '2001:db8::10')).operations;
    assert.ok(inet6 !== undefined);
    return refusalOf(inet6, refused(EAFNOSUPPORT, {}));
  },
  INTERFACE_NOT_FOUND: () => refusal(memory(), startDaemon('eth9')),
  DAEMON_RUNNING: () => refusal(memory(), startDaemon('eth0'), startDaemon('eth0')),
  DAEMON_NOT_RUNNING: () => refusal(memory(), { kind: 'stop-daemon', role: 'backup' }),
  NOT_SUPPORTED_BY_ENGINE: () =>
    onRelay((relay) => refusal(relay, addService({}, '127.0.0.1', 0), addDestination())),
  ADDRESS_IN_USE: addressInUse,
  ADDRESS_NOT_LOCAL: () => onRelay((relay) => refusal(relay, addService({}, '192.0.2.10', 8080))),
  PERMISSION_DENIED: async () => {
    const denied = Object.assign(new Error('connect EACCES'), { code: 'EACCES' });
    return socketTarget(`${SHOWN_DIRECTORY}/vipr.sock`).explain(denied);
  },
  SYSTEM_CALL_FAILED: () => thrown(openControlSocket(net.createServer(), '/dev/null/vipr.sock')),
  ENGINE_FAILED: async () => {
    const relay = await RelayEngine.start({ workers: 1 });
    await relay.close(0);
    return thrown(relay.snapshot());
  },
  ENGINE_UNAVAILABLE: () => {
    // A kernel that knows no family, nor a module for it.
    const kernel = new FakeKernel(() => ({ errno: ENOENT }));
    return thrown(
      openIpvs({
        openNetlink: () => new GenericNetlink(new NetlinkConnection(kernel.open())),
        loadModule: async () => undefined,
        isPrivileged: () => true,
      }),
    );
  },
  DIRECTOR_NOT_RUNNING: () =>
    inDirectory((directory) => thrown(new DirectorClient(join(directory, 'vipr.sock')).info())),
  DIRECTOR_RUNNING: () =>
    inDirectory(async (directory) => {
      const server = createServer();
      await openControlSocket(server, join(directory, 'vipr.sock'));
      try {
        return await thrown(openControlSocket(createServer(), join(directory, 'vipr.sock')));
      } finally {
        server.close();
      }
    }),
  APPLY_REFUSED: async () => {
    const engine = memory();
    const { operations } = read(addService(), addDestination({ address: '224.0.0.1' }));
    return thrown(applyOperations(engine, operations, await engine.snapshot()));
  },
  CONFIG_INVALID: async () =>
    thrown((async () => parseConfig('services:\n  - service: tcp 192.0.2.10\n', 'vipr.yaml'))()),
  CONFIG_UNREADABLE: () => thrown(loadConfig('no-such.yaml')),
  REQUEST_INVALID: async () => {
    const result = operationsRequestSchema.safeParse({ operations: [{ kind: 'stop-daemon', role: 'both' }] });
    assert.ok(!result.success);
    return requestInvalid(result.error);
  },
  RESPONSE_INVALID: () => thrown((async () => decodeJson('<html>'))()),
  USAGE: () =>
    inDirectory(async (directory) => {
      writeFileSync(join(directory, 'vipr.sock'), '');
      return thrown(openControlSocket(net.createServer(), join(directory, 'vipr.sock')));
    }),
};

const ENOENT = 2;
const EAFNOSUPPORT = 97;
const WEB = serviceId('192.0.2.10', 80);
const SERVER = { address: '10.0.0.11', port: 80 };

type Wide = Readonly<Record<string, unknown>>;

function serviceId(address: string, port: number): Wide {
  return { kind: 'address', protocol: 'tcp', address, port };
}

function addService(settings: Wide = {}, address = '192.0.2.10', port = 80): Wide {
  return {
    kind: 'add-service',
    service: serviceId(address, port),
    settings: {
      scheduler: 'wlc',
      schedulerFlags: { flag1: false, flag2: false, flag3: false },
      persistenceNetmask: '255.255.255.255',
      onePacket: false,
      ...settings,
    },
  };
}

function addDestination(settings: Wide = {}): Wide {
  const destination = {
    ...SERVER,
    forwarding: 'direct',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: { type: 'ipip', port: 0, checksum: 'none' },
    ...settings,
  };
  return { kind: 'add-destination', service: WEB, destination };
}

function startDaemon(name: string): Wide {
  return { kind: 'start-daemon', daemon: { role: 'master', interface: name, syncId: 0 } };
}

function memory(): Engine {
  const environment = new HostEnvironment({ interfaces: new Map([['eth0', 1500]]) });
  return new MemoryEngine({ environment });
}

/** What the last of the operations is refused with; they are read as the control socket reads them. */
async function refusal(engine: Engine, ...operations: readonly Wide[]): Promise<unknown> {
  return (await engine.execute(read(...operations).operations)).at(-1);
}

function read(...operations: readonly Wide[]): { readonly operations: readonly Operation[] } {
  return operationsRequestSchema.parse({ operations });
}

async function onRelay(use: (relay: RelayEngine) => Promise<unknown>): Promise<unknown> {
  const relay = await RelayEngine.start({ workers: 1 });
  try {
    return await use(relay);
  } finally {
    await relay.close(0);
  }
}

async function addressInUse(): Promise<unknown> {
  const other = net.createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as net.AddressInfo;
  try {
    const error = await onRelay((relay) => refusal(relay, addService({}, '127.0.0.1', port)));
    return shownAs(error, String(port), String(SHOWN_PORT));
  } finally {
    other.close();
  }
}

async function inDirectory(use: (directory: string) => Promise<unknown>): Promise<unknown> {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-errors-'));
  try {
    return shownAs(await use(directory), directory, SHOWN_DIRECTORY);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function shownAs(error: unknown, actual: string, shown: string): unknown {
  if (error instanceof Error) error.message = error.message.replaceAll(actual, shown);
  return error;
}

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  try {
    return assert.fail(`no error but ${JSON.stringify(await promise)}`);
  } catch (error) {
    return error;
  }
}
