import type { Explanation } from '../api/operated-director.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { type DestinationId, type DestinationKey, destinationKey } from '../model/destination.ts';
import { hostPort, type Service, serviceKey } from '../model/service.ts';
import { candidatesOf, type ExplainedService, explainedDestinations } from './explain-candidates.ts';
import { explainChoice, rankOf } from './explain-choice.ts';
import { maskedAddress } from './masked-address.ts';

/** Connections of the client's address that are named one by one. */
const NAMED = 5;

/**
 * Which destination a client's next packet reaches. `connections` are read until the answer is certain: to the end, where it is neither the
 * connection of the client's port nor, for persistent services, a template.
 */
export async function explainClient(
  service: ExplainedService,
  client: Explanation['client'],
  connections: AsyncIterable<readonly ConnectionEntry[]>,
): Promise<Explanation> {
  const { live } = service;
  const candidates = candidatesOf(service);
  const answer = (
    by: Explanation['by'],
    certain: boolean,
    reasons: readonly string[],
    to?: DestinationKey,
  ) => ({
    service: serviceKey(live.id),
    client,
    by,
    certain,
    reasons,
    ...(to !== undefined && { destination: to }),
    candidates: explainedDestinations(service, candidates, rankOf(live, candidates)),
  });
  const found = await findEntries(live, client, connections);
  if (found.connection !== undefined) {
    const to = destinationOf(found.connection);
    const { state, expiresIn } = found.connection;
    const gone = isThere(live, to) ? [] : [`${to} has been deleted: packets of the connection go nowhere.`];
    const about = `${clientName(found.connection)} has a connection to ${to}: ${state}, ${expiresIn} s left.`;
    return answer('connection', true, [about, ...gone], to);
  }
  const reasons = [...missingConnection(client), ...tellConnections(found.others, found.count)];
  const { template } = found;
  if (template !== undefined && isThere(live, destinationOf(template))) {
    const to = destinationOf(template);
    const about = `The service is persistent, and a template leads ${clientName(template)} to ${to}, ${template.expiresIn} s left.`;
    return answer('template', true, [...reasons, about, ...quiescent(live, to)], to);
  }
  if (template !== undefined) reasons.push('There is a template, but its destination has been deleted.');
  else if (live.persistenceTimeout !== undefined)
    reasons.push('The service is persistent, and no template knows the client.');
  const { chosen, certain, reasons: more } = explainChoice(live, candidates, client);
  const to = chosen && destinationKey(chosen);
  return answer(to === undefined ? 'none' : 'scheduler', certain, [...reasons, ...more], to);
}

interface FoundEntries {
  readonly connection: ConnectionEntry | undefined;
  readonly template: ConnectionEntry | undefined;
  /** Connections of the client's address from other ports; the first ones. */
  readonly others: readonly ConnectionEntry[];
  readonly count: number;
}

async function findEntries(
  service: Service,
  client: Explanation['client'],
  connections: AsyncIterable<readonly ConnectionEntry[]>,
): Promise<FoundEntries> {
  const persistent = service.persistenceTimeout !== undefined;
  const masked = maskedAddress(client.address, service.persistenceNetmask);
  const others: ConnectionEntry[] = [];
  let template: ConnectionEntry | undefined;
  let count = 0;
  for await (const page of connections) {
    for (const entry of page) {
      if (
        entry.clientPort === 0 &&
        persistent &&
        entry.clientAddress === masked &&
        isTemplateOf(service, entry)
      ) {
        template = entry;
      }
      if (entry.clientPort === 0 || entry.clientAddress !== client.address || !isOf(service, entry)) continue;
      if (entry.clientPort === client.port) return { connection: entry, template, others, count };
      count += 1;
      if (others.length < NAMED) others.push(entry);
    }
  }
  return { connection: undefined, template, others, count };
}

/** Entries do not tell by which mark they came: those of a mark's service are told by their destinations. */
function isOf(service: Service, entry: ConnectionEntry): boolean {
  const { id } = service;
  if (id.kind === 'fwmark') return isThere(service, destinationOf(entry));
  const port = id.port === 0 || id.port === entry.virtualPort;
  return id.protocol === entry.protocol && id.address === entry.virtualAddress && port;
}

/** A service on all ports, and FTP, have templates for port 0; one whose destination is gone has port 65535. */
function isTemplateOf({ id }: Service, entry: ConnectionEntry): boolean {
  const { virtualAddress, virtualPort, protocol } = entry;
  if (id.kind === 'fwmark') return typeof virtualAddress === 'object' && virtualAddress.fwmark === id.fwmark;
  const port = virtualPort === id.port || virtualPort === 0;
  return id.address === virtualAddress && id.protocol === protocol && port;
}

function isThere({ destinations }: Service, key: DestinationKey): boolean {
  return destinations.some((destination) => {
    // Of services on all ports: the destination's port is that of the packet.
    return destination.port === 0
      ? key.startsWith(anyPort(destination))
      : destinationKey(destination) === key;
  });
}

/** `10.0.0.11:`, and the port follows. */
function anyPort(destination: DestinationId): string {
  return destinationKey(destination).slice(0, -1);
}

function destinationOf({
  destinationAddress: address,
  destinationPort: port,
}: ConnectionEntry): DestinationKey {
  return destinationKey({ address, port });
}

function missingConnection({ address, port }: Explanation['client']): string[] {
  return port === undefined ? [] : [`${hostPort(address, port)} has no connection to the service.`];
}

function tellConnections(others: readonly ConnectionEntry[], count: number): string[] {
  const named = others.map((entry) => {
    return `${clientName(entry)} has a connection to ${destinationOf(entry)}: ${entry.state}, ${entry.expiresIn} s left.`;
  });
  return count > others.length
    ? [...named, `So have ${count - others.length} other ports of the client.`]
    : named;
}

function clientName({ clientAddress, clientPort }: ConnectionEntry): string {
  return clientPort === 0 ? clientAddress : hostPort(clientAddress, clientPort);
}

function quiescent({ destinations }: Service, key: DestinationKey): string[] {
  const found = destinations.find((destination) => destinationKey(destination) === key);
  if (found?.weight !== 0) return [];
  return [`${key} has weight 0; templates lead there all the same, unless expire_quiescent_template is set.`];
}
