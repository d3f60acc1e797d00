import type { Family, IpAddress } from '../../../model/address.ts';
import type { ConnectionEntry } from '../../../model/connection.ts';
import type { FirewallMark } from '../../../model/unit.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import { protocolOfNumber, readU64, viewOf } from '../codec/address-codec.ts';
import { type ConnectionRecord, decodeConnection } from '../codec/connection-codec.ts';
import { decodeFlow, type Flow } from '../codec/flow-codec.ts';
import type { JiffiesClock } from '../jiffies.ts';
import {
  CONNECTION_ASSURED,
  CONNECTION_DYING,
  CONNECTION_STATE,
  CONNECTION_TEMPLATE,
  OFFSET,
} from '../layout.gen.ts';
import { SCTP_STATE_TABLE, TCP_STATE_TABLE } from './connection-state.ts';

const PAGE_SIZE = 1024;
const UNKNOWN: Readonly<Record<Family, IpAddress>> = {
  inet: '0.0.0.0' as IpAddress,
  inet6: '::' as IpAddress,
};

/**
 * The entries of one of the connection tables that have not expired, in pages. Those that come and go meanwhile may be missed.
 * `addressOf` gives the address of a destination by its id.
 */
export function* connectionPages(
  map: BpfMap,
  family: Family,
  clock: JiffiesClock,
  addressOf: (destination: number) => IpAddress | undefined,
): Generator<readonly ConnectionEntry[], void, undefined> {
  const { keySize, valueSize } = map;
  for (const { count, keys, values } of readPages(map, PAGE_SIZE)) {
    const now = clock.now();
    const view = viewOf(values);
    const entries: ConnectionEntry[] = [];
    for (let index = 0; index < count; index++) {
      const at = index * valueSize;
      if (readU64(view, at + OFFSET.connection.expires) <= now) continue;
      const record = decodeConnection(values.subarray(at, at + valueSize));
      if ((record.word & CONNECTION_DYING) !== 0) continue;
      const flow = decodeFlow(family, keys.subarray(index * keySize, (index + 1) * keySize));
      entries.push({
        ...flowFields(flow),
        destinationAddress: addressOf(record.destination) ?? UNKNOWN[family],
        destinationPort: record.destinationPort,
        state: stateName(flow, record),
        expiresIn: Math.floor((record.expires - now) / clock.hz),
      });
    }
    if (entries.length > 0) yield entries;
  }
}

function flowFields({ protocol, client, clientPort, virtual, virtualPort }: Flow) {
  return {
    protocol: protocolOfNumber(protocol) ?? 'ip',
    clientAddress: client,
    clientPort,
    virtualAddress: typeof virtual === 'number' ? { fwmark: virtual as FirewallMark } : virtual,
    virtualPort,
  } as const;
}

function stateName({ protocol }: Flow, { word }: ConnectionRecord): string {
  if ((word & CONNECTION_TEMPLATE) !== 0) return (word & CONNECTION_ASSURED) === 0 ? 'NONE' : 'ASSURED';
  const state = word & CONNECTION_STATE;
  switch (protocolOfNumber(protocol)) {
    case 'tcp':
      return TCP_STATE_TABLE[state]?.name ?? 'ERR!';
    case 'sctp':
      return SCTP_STATE_TABLE[state]?.name ?? '?';
    case 'udp':
      return 'UDP';
    default:
      return 'NONE';
  }
}
