import type { DestinationSelection, DrainRequest, DrainStatus } from '../api/operated-director.ts';
import type { Engine } from '../engines/engine.ts';
import { SYSTEM_TIMERS, type Timers } from '../health/timers.ts';
import {
  type Destination,
  type DestinationId,
  type DestinationKey,
  destinationKey,
} from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import { destinationSettings } from '../model/settings.ts';
import type { DestinationStatus } from '../model/table.ts';
import type { Weight } from '../model/unit.ts';
import { destinationName } from './describe-operation.ts';
import type { DrainRecord } from './director-state.ts';
import type { EventFacts } from './event-ring.ts';
import type { OwnedServices } from './owned-services.ts';
import { whoAsked } from './who-asked.ts';

/** Milliseconds between two looks at the connections that remain. */
const LOOK_INTERVAL = 1000;
const NONE = 0 as Weight;

export interface DrainsModules {
  readonly engine: Pick<Engine, 'execute' | 'service' | 'snapshot'>;
  readonly owned: OwnedServices;
  /** Makes services of the director's what they are to be; resolves when they are. */
  readonly sync: (services: Iterable<ServiceKey>) => Promise<void>;
  /** Ends the connections of a destination; resolves to how many. */
  readonly purge: (service: ServiceId, destination: DestinationId) => Promise<number>;
  /** Runs something with nothing else at work on the table. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  readonly tell: (event: EventFacts) => void;
  /** Has what is remembered written down. */
  readonly remember: () => void;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly timers?: Timers;
}

interface Drain {
  record: DrainRecord;
  /** On the monotonic clock, so that a jump of the other one ends nothing. */
  readonly deadline: number;
  last: Counts;
}

type Counts = Pick<DestinationStatus, 'activeConnections' | 'inactiveConnections' | 'persistentConnections'>;

const NO_COUNTS: Counts = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };

/**
 * Destinations that an operator takes out of service, and what follows. A drain is laid over what is wanted and what checks make of it:
 * neither a reload nor a check brings the destination back, until it is restored. All but {@link apply} and {@link status} is to be called
 * with nothing else at work on the table.
 */
export class Drains {
  readonly #modules: DrainsModules;
  readonly #drains = new Map<string, Drain>();
  #cancelLook: (() => void) | undefined;
  #closed = false;

  /** Takes over the drains of an earlier director. */
  constructor(modules: DrainsModules, earlier: readonly DrainRecord[] = []) {
    this.#modules = modules;
    for (const record of earlier) this.#add(record);
  }

  get records(): readonly DrainRecord[] {
    return [...this.#drains.values()].map(({ record }) => record);
  }

  /** A service with what is drained of it at weight 0, or gone. */
  apply(service: Service): Service {
    if (this.#drains.size === 0) return service;
    const key = serviceKey(service.id);
    const found = service.destinations.some((each) => this.#drains.has(destinationName(key, each)));
    if (!found) return service;
    const destinations = service.destinations.flatMap((destination): Destination[] => {
      const drain = this.#drains.get(destinationName(key, destination));
      if (drain === undefined) return [destination];
      return isGone(drain) ? [] : [{ ...destination, weight: NONE }];
    });
    return { ...service, destinations };
  }

  has(service: ServiceKey, destination: DestinationKey): boolean {
    return this.#drains.has(`${service} -> ${destination}`);
  }

  /** A service that is nobody's, as it was before what is drained of it was. */
  undo(service: Service): Service {
    const key = serviceKey(service.id);
    const records = this.records.filter((record) => serviceKey(record.service) === key);
    if (records.length === 0) return service;
    const originals = new Map(records.map(({ destination }) => [destinationKey(destination), destination]));
    const destinations = service.destinations.map((each): Destination => {
      const { weight } = originals.get(destinationKey(each)) ?? each;
      originals.delete(destinationKey(each));
      return each.weight === 0 ? { ...each, weight } : each;
    });
    return { ...service, destinations: [...originals.values(), ...destinations] };
  }

  /** Throws DESTINATION_NOT_FOUND where nothing matches, and what the engine refuses of destinations that are nobody's. */
  async start(request: DrainRequest): Promise<readonly DrainStatus[]> {
    const found = await this.#find(request);
    if (found.length === 0) throw nothingMatches(request, 'drain');
    const { deadline, then } = request;
    const startedAt = this.#modules.wallClock();
    const before = new Map(this.#drains);
    for (const { service, destination, counts } of found) {
      const name = destinationName(serviceKey(service), destination);
      const known = this.#drains.get(name)?.record;
      this.#add(
        {
          service,
          destination: known?.destination ?? destinationSettings(destination),
          then,
          startedAt: known?.startedAt ?? startedAt,
          ...(deadline !== undefined && { deadlineAt: startedAt + deadline * 1000 }),
          connectionsAtStart: known?.connectionsAtStart ?? sum(counts),
          state: 'draining',
        },
        counts,
      );
    }
    try {
      await this.#carryOut(found.map(({ service }) => service));
    } catch (error) {
      await this.#takeBack(found, before);
      throw error;
    }
    this.#modules.remember();
    for (const { service, destination, counts } of found) {
      const end = deadline === undefined ? '' : `, for ${deadline} s at most`;
      this.#tell(service, destination, `is being drained: connections ${sum(counts)}${end}`, whoAsked());
    }
    this.#look();
    return this.#statusOf(found.map(({ service, destination }) => [service, destination]));
  }

  /** Throws DESTINATION_NOT_FOUND where nothing matches. */
  async restore(selection: DestinationSelection): Promise<readonly DrainStatus[]> {
    const found = [...this.#drains].filter(([, { record }]) =>
      isSelected(selection, record.service, record.destination),
    );
    if (found.length === 0) throw nothingMatches(selection, 'restore');
    const answer = found.map(([, drain]) => statusOf(drain));
    for (const [name] of found) this.#drains.delete(name);
    const records = found.map(([, { record }]) => record);
    await this.#modules.sync(records.map(({ service }) => serviceKey(service)));
    for (const { service, destination } of records) {
      if (!this.#isOwned(service)) await this.#giveBack(service, destination);
      this.#tell(service, destination, 'is restored', whoAsked());
    }
    this.#modules.remember();
    return answer;
  }

  /** How they are, as of the last look. */
  status(): readonly DrainStatus[] {
    return [...this.#drains.values()].map(statusOf);
  }

  /** Takes up the drains of an earlier director, as far as their destinations are there. */
  async resume(): Promise<void> {
    await this.forget();
    await this.#carryOut(this.records.map(({ service }) => service));
    this.#look();
  }

  /** Looks at the connections of those that are being drained, and does what follows. */
  async look(): Promise<void> {
    let changed = false;
    for (const drain of [...this.#drains.values()]) {
      if (drain.record.state !== 'draining') continue;
      const { service, destination } = drain.record;
      const live = await this.#modules.engine.service(service);
      const found = live?.destinations.find((each) => destinationKey(each) === destinationKey(destination));
      drain.last = found ?? NO_COUNTS;
      const left = drain.last.activeConnections + drain.last.inactiveConnections;
      if (left > 0 && this.#modules.now() < drain.deadline) continue;
      await this.#finish(drain, left);
      changed = true;
    }
    if (changed) this.#modules.remember();
  }

  /** Forgets drains of destinations that neither what is wanted nor, of the rest, the engine has any more. */
  async forget(): Promise<void> {
    for (const [name, { record }] of this.#drains) {
      const { service, destination } = record;
      const wanted = this.#modules.owned.wanted.get(serviceKey(service));
      const table = wanted ?? (await this.#modules.engine.service(service));
      const there = table?.destinations.some((each) => destinationKey(each) === destinationKey(destination));
      if (there || (wanted === undefined && table !== undefined && record.then === 'remove')) continue;
      this.#drains.delete(name);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
  }

  async #finish(drain: Drain, left: number): Promise<void> {
    const { service, destination, then } = drain.record;
    const before = drain.record;
    drain.record = { ...before, state: left === 0 ? 'drained' : 'expired' };
    try {
      if (this.#isOwned(service)) await this.#modules.sync([serviceKey(service)]);
      else if (then === 'remove') {
        await this.#modules.engine.execute([{ kind: 'delete-destination', service, destination }]);
      }
    } catch (error) {
      // An engine that could not be asked is asked again at the next look.
      drain.record = before;
      throw error;
    }
    // Also where no connection is left: clients that persist would come back by their templates.
    const ended = await this.#modules.purge(service, destination);
    drain.last = { ...drain.last, activeConnections: 0, inactiveConnections: 0 };
    const rest = left === 0 ? 'has no connection any more' : `is out of time: connections ended ${ended}`;
    this.#tell(service, destination, then === 'remove' ? `${rest}, and goes` : rest);
  }

  #add(record: DrainRecord, last: Counts = NO_COUNTS): void {
    const { now, wallClock } = this.#modules;
    const { startedAt, deadlineAt, service, destination } = record;
    // Of an earlier director only the wall clock tells; where that was set back, what is left is not more than it was at the start.
    const left =
      deadlineAt === undefined ? Infinity : Math.min(deadlineAt - wallClock(), deadlineAt - startedAt);
    const deadline = now() + left;
    this.#drains.set(destinationName(serviceKey(service), destination), { record, deadline, last });
  }

  #look(): void {
    const draining = [...this.#drains.values()].some(({ record }) => record.state === 'draining');
    if (this.#closed || !draining || this.#cancelLook !== undefined) return;
    const { timers = SYSTEM_TIMERS, alone } = this.#modules;
    this.#cancelLook = timers.after(LOOK_INTERVAL, () => {
      const again = () => {
        this.#cancelLook = undefined;
        this.#look();
      };
      // An engine that failed has told so; one that is closed has no connections to look at.
      alone(async () => (this.#closed ? undefined : this.look())).then(again, again);
    });
  }

  /** Destinations that match, with their counts: of the director's services those that are wanted, of others those that are there. */
  async #find(selection: DestinationSelection): Promise<readonly Found[]> {
    const { engine, owned } = this.#modules;
    const live = await engine.snapshot();
    const services = new Map(live.services.map((service) => [serviceKey(service.id), service]));
    const others = live.services.filter(({ id }) => !this.#isOwned(id));
    return [...owned.wanted.all(), ...others].flatMap(({ id, destinations }) => {
      const present = services.get(serviceKey(id))?.destinations ?? [];
      return destinations
        .filter((destination) => isSelected(selection, id, destination))
        .map((destination): Found => {
          const there = present.find((each) => destinationKey(each) === destinationKey(destination));
          return { service: id, destination, counts: there ?? NO_COUNTS };
        });
    });
  }

  async #carryOut(services: readonly ServiceId[]): Promise<void> {
    await this.#modules.sync(services.map(serviceKey));
    const others = services.filter((service) => !this.#isOwned(service));
    for (const id of others) {
      const live = await this.#modules.engine.service(id);
      const operations = (live?.destinations ?? [])
        .filter(
          (destination) => destination.weight > 0 && this.has(serviceKey(id), destinationKey(destination)),
        )
        .map((destination): Operation => {
          const drained = { ...destinationSettings(destination), weight: NONE };
          return { kind: 'edit-destination', service: id, destination: drained };
        });
      const refusal = (await this.#modules.engine.execute(operations)).find(
        (outcome) => outcome !== undefined,
      );
      if (refusal !== undefined) throw refusal;
    }
  }

  /** After a refusal: drains are those of before, and so is the table, as far as the engine still does anything. */
  async #takeBack(found: readonly Found[], before: ReadonlyMap<string, Drain>): Promise<void> {
    for (const { service, destination } of found) {
      const name = destinationName(serviceKey(service), destination);
      const earlier = before.get(name);
      if (earlier !== undefined) this.#drains.set(name, earlier);
      else this.#drains.delete(name);
    }
    const fresh = found.filter(
      ({ service, destination }) => !before.has(destinationName(serviceKey(service), destination)),
    );
    await Promise.allSettled([
      this.#modules.sync(found.map(({ service }) => serviceKey(service))),
      ...fresh
        .filter(({ service }) => !this.#isOwned(service))
        .map(({ service, destination }) => this.#giveBack(service, destination)),
    ]);
  }

  /** Brings a destination of a service that is nobody's back to what it was. */
  async #giveBack(service: ServiceId, destination: Destination): Promise<void> {
    const { engine } = this.#modules;
    const live = await engine.service(service);
    if (live === undefined) return;
    const there = live.destinations.find((each) => destinationKey(each) === destinationKey(destination));
    const { weight } = destination;
    const operation: Operation =
      there === undefined
        ? { kind: 'add-destination', service, destination }
        : { kind: 'edit-destination', service, destination: { ...destinationSettings(there), weight } };
    const [refusal] = await engine.execute([operation]);
    if (refusal !== undefined) throw refusal;
  }

  #isOwned(service: ServiceId): boolean {
    return this.#modules.owned.wanted.get(serviceKey(service)) !== undefined;
  }

  #statusOf(found: readonly (readonly [ServiceId, DestinationId])[]): readonly DrainStatus[] {
    return found.flatMap(([service, destination]) => {
      const drain = this.#drains.get(destinationName(serviceKey(service), destination));
      return drain === undefined ? [] : [statusOf(drain)];
    });
  }

  #tell(service: ServiceId, destination: DestinationId, what: string, by: { actor?: string } = {}): void {
    const [name, key] = [serviceKey(service), destinationKey(destination)];
    this.#modules.tell({
      kind: 'drain',
      service: name,
      destination: key,
      text: `${destinationName(name, destination)} ${what}`,
      ...by,
    });
  }
}

interface Found {
  readonly service: ServiceId;
  readonly destination: Destination;
  readonly counts: Counts;
}

function isGone({ record }: Drain): boolean {
  return record.then === 'remove' && record.state !== 'draining';
}

function isSelected(
  { address, port, service }: DestinationSelection,
  id: ServiceId,
  destination: DestinationId,
): boolean {
  if (address !== destination.address || (port !== undefined && port !== destination.port)) return false;
  return service === undefined || service === serviceKey(id);
}

function sum({ activeConnections, inactiveConnections }: Counts): number {
  return activeConnections + inactiveConnections;
}

function statusOf({ record, last }: Drain): DrainStatus {
  const { service, destination, state, then, startedAt, deadlineAt, connectionsAtStart } = record;
  return {
    service: serviceKey(service),
    destination: destinationKey(destination),
    state,
    then,
    startedAt: new Date(startedAt).toISOString(),
    ...(deadlineAt !== undefined && { deadlineAt: new Date(deadlineAt).toISOString() }),
    connectionsAtStart,
    activeConnections: last.activeConnections,
    inactiveConnections: last.inactiveConnections,
    persistentConnections: last.persistentConnections,
  };
}

function nothingMatches(
  { address, port, service }: DestinationSelection,
  what: 'drain' | 'restore',
): ViprError {
  const name = port === undefined ? address : destinationKey({ address, port });
  const where = service === undefined ? '' : ` of ${service}`;
  return what === 'drain'
    ? new ViprError('DESTINATION_NOT_FOUND', `No destination${where} has the address ${name}.`, {
        hint: '`vipr status` lists services and destinations.',
      })
    : new ViprError('DESTINATION_NOT_FOUND', `No destination ${name}${where} is drained.`, {
        hint: '`vipr status` tells which ones are.',
      });
}
