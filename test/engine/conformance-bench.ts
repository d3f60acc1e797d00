import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Engine, EngineCapabilities } from '../../src/engines/engine.ts';
import type { Family } from '../../src/model/address.ts';
import type { Destination } from '../../src/model/destination.ts';
import type { Operation } from '../../src/model/operation.ts';
import { type ServiceId, type ServiceSettings, serviceFamily } from '../../src/model/service.ts';
import type { ServiceStatus } from '../../src/model/table.ts';
import type { Weight } from '../../src/model/unit.ts';
import { destinationOn, HOST_PREFIX, serviceOn, settings } from './sample-table.ts';

export interface ConformanceOptions {
  /** The n-th virtual service that the engine can take, counted from 0; TCP. */
  readonly makeService?: (n: number, family: Family) => ServiceId;
  /** The n-th masquerade destination for one of those services, counted from 0; at most 8 are asked for. */
  readonly makeDestination?: (n: number, family: Family) => Destination;
  /** An interface that exists, for the synchronisation daemons; such tests are left out without it. */
  readonly interface?: string;
}

/** What a test works with: an engine of its own, and ways to fill it. */
export interface Bench {
  readonly engine: Engine;
  readonly capabilities: EngineCapabilities;
  readonly interface: string | undefined;
  service(n: number, family?: Family): ServiceId;
  destination(n: number, changes?: Partial<Destination>, family?: Family): Destination;
  /** Settings that suit the family of a service. */
  settings(id: ServiceId, changes?: Partial<ServiceSettings>): ServiceSettings;
  /** Carries operations out that must all succeed. */
  done(...operations: Operation[]): Promise<void>;
}

export async function makeBench(engine: Engine, options: ConformanceOptions): Promise<Bench> {
  const { capabilities } = await engine.info();
  const makeService = options.makeService ?? documentationService;
  const makeDestination = options.makeDestination ?? documentationDestination;
  return {
    engine,
    capabilities,
    interface: options.interface,
    service: (n, family = 'inet') => makeService(n, family),
    destination: (n, changes = {}, family = 'inet') => ({ ...makeDestination(n, family), ...changes }),
    settings: (id, changes = {}) =>
      settings(serviceFamily(id) === 'inet' ? changes : { persistenceNetmask: HOST_PREFIX, ...changes }),
    done: async (...operations) => {
      const outcomes = await engine.execute(operations);
      assert.deepEqual(
        outcomes,
        operations.map(() => undefined),
      );
    },
  };
}

function documentationService(n: number, family: Family): ServiceId {
  return serviceOn(family === 'inet' ? `192.0.2.${10 + n}` : `2001:db8::${10 + n}`);
}

function documentationDestination(n: number, family: Family): Destination {
  return destinationOn(family === 'inet' ? `10.0.0.${11 + n}` : `fd00::${11 + n}`);
}

/** Why the checks of the synchronisation daemons are left out, or undefined where they are not. */
export function withoutDaemons(bench: Bench): string | undefined {
  if (!bench.capabilities.syncDaemon) return 'the engine has no synchronisation daemons';
  return bench.interface === undefined ? 'no interface was named for the daemons' : undefined;
}

/** The service, which must exist. */
export async function found(bench: Bench, id: ServiceId): Promise<ServiceStatus> {
  const service = await bench.engine.service(id);
  assert.ok(service);
  return service;
}

/** Adds a service with its first `count` destinations. */
export function withDestinations(bench: Bench, id: ServiceId, count: number): Operation[] {
  const family = serviceFamily(id);
  return [
    { kind: 'add-service', service: id, settings: bench.settings(id) },
    ...Array.from({ length: count }, (_, n): Operation => {
      return { kind: 'add-destination', service: id, destination: bench.destination(n, {}, family) };
    }),
  ];
}

export function weight(value: number): { readonly weight: Weight } {
  return { weight: value as Weight };
}

/** Registers a test with a bench of its own. */
export type Check = (title: string, body: (bench: Bench, t: TestContext) => Promise<void>) => void;
