import { familyOf } from '../../../model/address.ts';
import type { Destination, ForwardingMethod, Tunnel } from '../../../model/destination.ts';
import type { Port, Weight } from '../../../model/unit.ts';
import {
  DESTINATION_AVAILABLE,
  DESTINATION_MASQUERADED,
  DESTINATION_USED,
  METHOD_BYPASS,
  METHOD_DIRECT,
  METHOD_LOCAL,
  METHOD_MASQUERADE,
  METHOD_TUNNEL,
  OFFSET,
  SIZE,
  TUNNEL_GRE,
  TUNNEL_GUE,
  TUNNEL_IPIP,
} from '../layout.gen.ts';
import {
  FAMILY_NUMBER,
  familyOfNumber,
  readAddress,
  readU64,
  viewOf,
  writeAddress,
  writeU64,
} from './address-codec.ts';

/** `struct destination` of bpf/abi.h, of a slot that is used. */
export interface DestinationRecord {
  /** Whether it is in its service's list; otherwise it was deleted. */
  readonly available: boolean;
  /** Whether it was masqueraded at some time: its connections may outlive a change of the method. */
  readonly masqueraded: boolean;
  /** The service's id. */
  readonly service: number;
  readonly settings: Destination;
  readonly lastWeight: number;
  /** Raised with each destination that is added. */
  readonly order: number;
  /** Jiffies when it was deleted. */
  readonly trashed: number;
}

export const METHOD_NUMBER: Readonly<Record<ForwardingMethod, number>> = {
  masquerade: METHOD_MASQUERADE,
  local: METHOD_LOCAL,
  tunnel: METHOD_TUNNEL,
  direct: METHOD_DIRECT,
  bypass: METHOD_BYPASS,
};
const TUNNEL_NUMBER: Readonly<Record<Tunnel['type'], number>> = {
  ipip: TUNNEL_IPIP,
  gue: TUNNEL_GUE,
  gre: TUNNEL_GRE,
};
/** IP_VS_TUNNEL_ENCAP_FLAG_* of linux/ip_vs.h. */
const CHECKSUM_FLAG: Readonly<Record<Tunnel['checksum'], number>> = { none: 0, checksum: 1, remote: 2 };

const at = OFFSET.destination;

export function encodeDestination(record: DestinationRecord): Uint8Array {
  const bytes = new Uint8Array(SIZE.destination);
  const view = viewOf(bytes);
  const { settings } = record;
  const available = record.available ? DESTINATION_AVAILABLE : 0;
  const masqueraded = record.masqueraded ? DESTINATION_MASQUERADED : 0;
  view.setUint32(at.flags, DESTINATION_USED | available | masqueraded, true);
  view.setUint32(at.service, record.service, true);
  bytes[at.family] = FAMILY_NUMBER[familyOf(settings.address)];
  bytes[at.method] = METHOD_NUMBER[settings.forwarding];
  bytes[at.tunnel_type] = TUNNEL_NUMBER[settings.tunnel.type];
  bytes[at.tunnel_flags] = CHECKSUM_FLAG[settings.tunnel.checksum];
  view.setUint16(at.port, settings.port);
  view.setUint16(at.tunnel_port, settings.tunnel.port);
  writeAddress(bytes, at.address, settings.address);
  view.setUint32(at.weight, settings.weight, true);
  view.setUint32(at.upper_threshold, settings.upperThreshold, true);
  view.setUint32(at.lower_threshold, settings.lowerThreshold, true);
  view.setUint32(at.last_weight, record.lastWeight, true);
  view.setUint32(at.order, record.order, true);
  writeU64(view, at.trashed, record.trashed);
  return bytes;
}

/** Undefined for a slot that is free. */
export function decodeDestination(bytes: Uint8Array): DestinationRecord | undefined {
  const view = viewOf(bytes);
  const flags = view.getUint32(at.flags, true);
  const family = familyOfNumber(view.getUint8(at.family));
  if ((flags & DESTINATION_USED) === 0 || family === undefined) return undefined;
  return {
    available: (flags & DESTINATION_AVAILABLE) !== 0,
    masqueraded: (flags & DESTINATION_MASQUERADED) !== 0,
    service: view.getUint32(at.service, true),
    settings: {
      address: readAddress(bytes, at.address, family),
      port: view.getUint16(at.port) as Port,
      forwarding: nameOf(METHOD_NUMBER, view.getUint8(at.method), 'masquerade'),
      weight: view.getUint32(at.weight, true) as Weight,
      upperThreshold: view.getUint32(at.upper_threshold, true),
      lowerThreshold: view.getUint32(at.lower_threshold, true),
      tunnel: {
        type: nameOf(TUNNEL_NUMBER, view.getUint8(at.tunnel_type), 'ipip'),
        port: view.getUint16(at.tunnel_port) as Port,
        checksum: nameOf(CHECKSUM_FLAG, view.getUint8(at.tunnel_flags), 'none'),
      },
    },
    lastWeight: view.getUint32(at.last_weight, true),
    order: view.getUint32(at.order, true),
    trashed: readU64(view, at.trashed),
  };
}

function nameOf<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
  number: number,
  otherwise: Name,
): Name {
  return (Object.keys(numbers) as Name[]).find((name) => numbers[name] === number) ?? otherwise;
}
