import { type Family, familyOf } from '../../model/address.ts';
import type { Destination, DestinationId, ForwardingMethod, Tunnel } from '../../model/destination.ts';
import type { DestinationStatus } from '../../model/table.ts';
import type { Port, Weight } from '../../model/unit.ts';
import { AttributeReader } from '../../netlink/attribute-reader.ts';
import type { ByteRange } from '../../netlink/byte-range.ts';
import { GENERIC_HEADER_BYTES } from '../../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../../netlink/message.ts';
import { malformed } from '../../netlink/netlink-error.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { familyOfNumber, unionAddress, writeUnionAddress } from './address-codec.ts';
import {
  AF_NUMBER,
  CHECKSUM_NUMBER,
  CMD_ATTR,
  DEST_ATTR,
  FORWARDING_NUMBER,
  TUNNEL_NUMBER,
} from './ipvs-message.ts';
import { decodeStatistics, type StatisticsRanges } from './statistics-codec.ts';

/** IP_VS_CONN_F_FWD_MASK: the bits of a forwarding method that the kernel keeps. */
const FORWARDING_MASK = 7;
const FORWARDING_METHODS: readonly ForwardingMethod[] = ['masquerade', 'local', 'tunnel', 'direct', 'bypass'];
const TUNNEL_TYPES: readonly Tunnel['type'][] = ['ipip', 'gue', 'gre'];
const CHECKSUMS: readonly Tunnel['checksum'][] = ['none', 'checksum', 'remote'];

/** Writes what names a destination. */
export function writeDestinationId(writer: NetlinkWriter, id: DestinationId): void {
  writer.nest(CMD_ATTR.DEST, () => writeIdentity(writer, id));
}

/** Writes a destination with its settings. */
export function writeDestination(writer: NetlinkWriter, destination: Destination): void {
  const { tunnel } = destination;
  writer.nest(CMD_ATTR.DEST, () => {
    writeIdentity(writer, destination);
    writer.u32(DEST_ATTR.FWD_METHOD, FORWARDING_NUMBER[destination.forwarding]);
    // A negative weight is the kernel's to refuse.
    writer.i32(DEST_ATTR.WEIGHT, destination.weight);
    writer.u8(DEST_ATTR.TUN_TYPE, TUNNEL_NUMBER[tunnel.type]);
    writer.be16(DEST_ATTR.TUN_PORT, tunnel.port);
    writer.u16(DEST_ATTR.TUN_FLAGS, CHECKSUM_NUMBER[tunnel.checksum]);
    writer.u32(DEST_ATTR.U_THRESH, destination.upperThreshold);
    writer.u32(DEST_ATTR.L_THRESH, destination.lowerThreshold);
  });
}

function writeIdentity(writer: NetlinkWriter, { address, port }: DestinationId): void {
  writer.u16(DEST_ATTR.ADDR_FAMILY, AF_NUMBER[familyOf(address)]);
  writeUnionAddress(writer, DEST_ATTR.ADDR, address);
  writer.be16(DEST_ATTR.PORT, port);
}

/**
 * Reads the destination of a message. `serviceFamily` is that of kernels before 3.18, which do not tell. Throws a
 * NetlinkError of kind `malformed`.
 */
export function decodeDestination({ payload }: NetlinkMessage, serviceFamily: Family): DestinationStatus {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  let destination: DestinationStatus | undefined;
  while (reader.next()) {
    if (reader.type === CMD_ATTR.DEST) {
      destination = reader.nest((inner) => readDestination(inner, serviceFamily));
    }
  }
  reader.finish();
  if (destination === undefined) throw malformed('an answer about a destination without the destination');
  return destination;
}

function readDestination(reader: AttributeReader, serviceFamily: Family): DestinationStatus | undefined {
  const ranges: StatisticsRanges = {};
  let family: Family | undefined = serviceFamily;
  let address: ByteRange | undefined;
  let port: number | undefined;
  let forwarding = 0;
  let weight = 0;
  let tunnelType = 0;
  let tunnelPort = 0;
  let tunnelFlags = 0;
  let upperThreshold = 0;
  let lowerThreshold = 0;
  let activeConnections = 0;
  let inactiveConnections = 0;
  let persistentConnections = 0;
  while (reader.next()) {
    switch (reader.type) {
      case DEST_ATTR.ADDR:
        address = reader.range();
        break;
      case DEST_ATTR.PORT:
        port = reader.be16();
        break;
      case DEST_ATTR.FWD_METHOD:
        forwarding = reader.u32() & FORWARDING_MASK;
        break;
      case DEST_ATTR.WEIGHT:
        weight = reader.i32();
        break;
      case DEST_ATTR.U_THRESH:
        upperThreshold = reader.u32();
        break;
      case DEST_ATTR.L_THRESH:
        lowerThreshold = reader.u32();
        break;
      case DEST_ATTR.ACTIVE_CONNS:
        activeConnections = reader.u32();
        break;
      case DEST_ATTR.INACT_CONNS:
        inactiveConnections = reader.u32();
        break;
      case DEST_ATTR.PERSIST_CONNS:
        persistentConnections = reader.u32();
        break;
      case DEST_ATTR.STATS:
        ranges.stats = reader.range();
        break;
      case DEST_ATTR.ADDR_FAMILY:
        family = familyOfNumber(reader.u16());
        break;
      case DEST_ATTR.STATS64:
        ranges.stats64 = reader.range();
        break;
      case DEST_ATTR.TUN_TYPE:
        tunnelType = reader.u8();
        break;
      case DEST_ATTR.TUN_PORT:
        tunnelPort = reader.be16();
        break;
      case DEST_ATTR.TUN_FLAGS:
        tunnelFlags = reader.u16();
        break;
    }
  }
  if (reader.error !== undefined) return undefined;
  if (family === undefined || address === undefined || port === undefined) {
    throw malformed('a destination without its address');
  }
  return {
    address: unionAddress(address, family),
    port: port as Port,
    // The kernel also keeps 5 to 7, which forward nothing and which ipvsadm shows like 4.
    forwarding: FORWARDING_METHODS[forwarding] ?? 'bypass',
    weight: weight as Weight,
    upperThreshold,
    lowerThreshold,
    tunnel: {
      // The kernel keeps unknown types and takes them for none that it has.
      type: TUNNEL_TYPES[tunnelType] ?? 'ipip',
      port: tunnelPort as Port,
      checksum: CHECKSUMS[tunnelFlags] ?? 'none',
    },
    activeConnections,
    inactiveConnections,
    persistentConnections,
    statistics: decodeStatistics(ranges),
  };
}
