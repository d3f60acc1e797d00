import type { ConnectionEntry } from '../../model/connection.ts';
import type { ServiceId } from '../../model/service.ts';
import type { Endpoint } from '../schema/request-schema.ts';

/** Which entries of the connection table are asked for; what is absent does not matter. */
export interface ConnectionFilter {
  readonly service?: ServiceId;
  readonly destination?: Endpoint;
  readonly client?: Endpoint;
}

export function matches(entry: ConnectionEntry, { service, destination, client }: ConnectionFilter): boolean {
  return (
    (service === undefined || isOfService(entry, service)) &&
    (destination === undefined || isAt(destination, entry.destinationAddress, entry.destinationPort)) &&
    (client === undefined || isAt(client, entry.clientAddress, entry.clientPort))
  );
}

/** Connections of a firewall mark do not tell of it; its templates do. A service of port 0 takes all of its address. */
function isOfService(entry: ConnectionEntry, id: ServiceId): boolean {
  const { virtualAddress } = entry;
  if (id.kind === 'fwmark') {
    if (typeof virtualAddress === 'string' || virtualAddress.fwmark !== id.fwmark) return false;
    return entry.clientAddress.includes(':') === (id.family === 'inet6');
  }
  if (virtualAddress !== id.address || entry.protocol !== id.protocol) return false;
  return id.port === 0 || entry.virtualPort === id.port;
}

function isAt({ address, port }: Endpoint, ofAddress: string, ofPort: number): boolean {
  return address === ofAddress && (port === undefined || port === ofPort);
}
