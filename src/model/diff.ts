import { type Destination, destinationKey } from './destination.ts';
import type { Operation } from './operation.ts';
import { type Service, serviceKey } from './service.ts';
import {
  destinationSettings,
  sameDestinationSettings,
  sameServiceSettings,
  serviceSettings,
} from './settings.ts';
import type { Table, Timeouts } from './table.ts';
import type { Seconds } from './unit.ts';

/**
 * The operations that turn one table into another. What is new or changed comes before what goes, so that a service is
 * never without servers on the way. Destinations that stay keep their places; new ones come before them in the order of
 * `to`, as IPVS puts each addition at the head of its list.
 */
export function diffTables(from: Table, to: Table): Operation[] {
  const wanted = new Set(to.services.map((service) => serviceKey(service.id)));
  const present = new Map(from.services.map((service) => [serviceKey(service.id), service]));
  return [
    ...diffTimeouts(from.timeouts, to.timeouts),
    ...to.services.flatMap((service) => diffService(present.get(serviceKey(service.id)), service)),
    ...from.services
      .filter((service) => !wanted.has(serviceKey(service.id)))
      .map((service) => ({ kind: 'delete-service', service: service.id }) as const),
  ];
}

function diffTimeouts(from: Timeouts, to: Timeouts): Operation[] {
  const timeouts: Timeouts = {
    tcp: changed(from.tcp, to.tcp),
    tcpfin: changed(from.tcpfin, to.tcpfin),
    udp: changed(from.udp, to.udp),
  };
  const same = timeouts.tcp === KEEP && timeouts.tcpfin === KEEP && timeouts.udp === KEEP;
  return same ? [] : [{ kind: 'set-timeouts', timeouts }];
}

const KEEP = 0 as Seconds;

function changed(from: Seconds, to: Seconds): Seconds {
  return from === to ? KEEP : to;
}

function diffService(from: Service | undefined, to: Service): Operation[] {
  const settings = serviceSettings(to);
  const operations: Operation[] = [];
  if (from === undefined) operations.push({ kind: 'add-service', service: to.id, settings });
  else if (!sameServiceSettings(from, to)) {
    operations.push({ kind: 'edit-service', service: to.id, settings });
  }
  return [...operations, ...diffDestinations(from?.destinations ?? [], to)];
}

function diffDestinations(from: readonly Destination[], { id, destinations: to }: Service): Operation[] {
  const present = new Map(from.map((destination) => [destinationKey(destination), destination]));
  const wanted = new Set(to.map(destinationKey));
  const added: Operation[] = [];
  const edited: Operation[] = [];
  for (const destination of to) {
    const before = present.get(destinationKey(destination));
    if (before === undefined) {
      added.push({ kind: 'add-destination', service: id, destination: destinationSettings(destination) });
    } else if (!sameDestinationSettings(before, destination)) {
      edited.push({ kind: 'edit-destination', service: id, destination: editOf(before, destination) });
    }
  }
  const deleted = from
    .filter((destination) => !wanted.has(destinationKey(destination)))
    .map(({ address, port }): Operation => {
      return { kind: 'delete-destination', service: id, destination: { address, port } };
    });
  return [...added.reverse(), ...edited, ...deleted];
}

/** An edit keeps the PROXY protocol where it says nothing about it, so that switching it off must be said. */
function editOf(before: Destination, after: Destination): Destination {
  const settings = destinationSettings(after);
  const forgotten = before.proxyProtocol === 'v2' && after.proxyProtocol === undefined;
  return forgotten ? { ...settings, proxyProtocol: 'off' } : settings;
}
