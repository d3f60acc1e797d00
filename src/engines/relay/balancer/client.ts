import type { IpAddress } from '../../../model/address.ts';
import type { Port } from '../../../model/unit.ts';
import type { SchedulingRequest } from '../../../scheduling/scheduler.ts';
import type { LiveService } from '../../table/live-service.ts';
import { type AddressWords, addressFromWords } from './client-address.ts';
import { type ConnectionTable, Flag } from './connection-table.ts';

/** A client as it arrives. */
export interface Client {
  readonly words: AddressWords;
  readonly inet6: boolean;
  readonly port: number;
}

/** The client of a connection in the table. */
export function clientOf(table: ConnectionTable, slot: number): Client {
  const word = (offset: number): number => table.address[slot * 4 + offset] ?? 0;
  return {
    words: [word(0), word(1), word(2), word(3)],
    inet6: table.has(slot, Flag.inet6),
    port: table.port[slot] ?? 0,
  };
}

/** What a scheduler is told of a client. */
export function requestOf(service: LiveService, client: Client): SchedulingRequest {
  return {
    clientAddress: addressFromWords(client.words, client.inet6),
    clientPort: client.port as Port,
    virtualAddress: service.id.kind === 'address' ? service.id.address : ('0.0.0.0' as IpAddress),
  };
}
