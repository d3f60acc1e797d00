import { addressBytes, familyOf } from '../../../model/address.ts';
import type { SyncDaemon } from '../../../model/daemon.ts';
import { serviceFamily } from '../../../model/service.ts';
import type { Statistics } from '../../../model/statistics.ts';
import type { DestinationStatus, ServiceStatus, Timeouts } from '../../../model/table.ts';
import type { NetlinkWriter } from '../../../netlink/netlink-writer.ts';
import {
  AF_NUMBER,
  CHECKSUM_NUMBER,
  CMD_ATTR,
  DAEMON_ATTR,
  DEST_ATTR,
  FORWARDING_NUMBER,
  INFO_ATTR,
  PROTOCOL_NUMBER,
  ROLE_NUMBER,
  SVC_ATTR,
  SVC_FLAG,
  TUNNEL_NUMBER,
} from '../ipvs-message.ts';

/*
 * The kernel's answers, attribute for attribute in its order (ip_vs_ctl.c, ip_vs_genl_fill_service and its neighbours). It
 * does not mark nests as such (NLA_F_NESTED).
 */

export function serviceFlags(service: ServiceStatus): number {
  return (
    SVC_FLAG.HASHED |
    (service.persistenceTimeout === undefined ? 0 : SVC_FLAG.PERSISTENT) |
    (service.onePacket ? SVC_FLAG.ONEPACKET : 0) |
    (service.schedulerFlags.flag1 ? SVC_FLAG.SCHED1 : 0) |
    (service.schedulerFlags.flag2 ? SVC_FLAG.SCHED2 : 0) |
    (service.schedulerFlags.flag3 ? SVC_FLAG.SCHED3 : 0)
  );
}

export function answerService(writer: NetlinkWriter, service: ServiceStatus): void {
  const { id, persistenceNetmask, persistenceEngine, statistics } = service;
  unmarkedNest(writer, CMD_ATTR.SERVICE, (nest) => {
    nest.u16(SVC_ATTR.AF, AF_NUMBER[serviceFamily(id)]);
    if (id.kind === 'fwmark') nest.u32(SVC_ATTR.FWMARK, id.fwmark);
    else {
      nest.u16(SVC_ATTR.PROTOCOL, PROTOCOL_NUMBER[id.protocol]);
      nest.bytes(SVC_ATTR.ADDR, union(addressBytes(id.address)));
      nest.be16(SVC_ATTR.PORT, id.port);
    }
    nest.string(SVC_ATTR.SCHED_NAME, service.scheduler);
    if (persistenceEngine) nest.string(SVC_ATTR.PE_NAME, persistenceEngine);
    nest.bytes(SVC_ATTR.FLAGS, new Uint8Array(Uint32Array.of(serviceFlags(service), 0xffffffff).buffer));
    nest.u32(SVC_ATTR.TIMEOUT, service.persistenceTimeout ?? 0);
    if (typeof persistenceNetmask === 'number') nest.u32(SVC_ATTR.NETMASK, persistenceNetmask);
    else nest.bytes(SVC_ATTR.NETMASK, addressBytes(persistenceNetmask));
    answerStatistics(nest, SVC_ATTR.STATS, SVC_ATTR.STATS64, statistics);
  });
}

export function answerDestination(writer: NetlinkWriter, destination: DestinationStatus): void {
  const { tunnel } = destination;
  unmarkedNest(writer, CMD_ATTR.DEST, (nest) => {
    nest.bytes(DEST_ATTR.ADDR, union(addressBytes(destination.address)));
    nest.be16(DEST_ATTR.PORT, destination.port);
    nest.u32(DEST_ATTR.FWD_METHOD, FORWARDING_NUMBER[destination.forwarding]);
    nest.i32(DEST_ATTR.WEIGHT, destination.weight);
    nest.u8(DEST_ATTR.TUN_TYPE, TUNNEL_NUMBER[tunnel.type]);
    nest.be16(DEST_ATTR.TUN_PORT, tunnel.port);
    nest.u16(DEST_ATTR.TUN_FLAGS, CHECKSUM_NUMBER[tunnel.checksum]);
    nest.u32(DEST_ATTR.U_THRESH, destination.upperThreshold);
    nest.u32(DEST_ATTR.L_THRESH, destination.lowerThreshold);
    nest.u32(DEST_ATTR.ACTIVE_CONNS, destination.activeConnections);
    nest.u32(DEST_ATTR.INACT_CONNS, destination.inactiveConnections);
    nest.u32(DEST_ATTR.PERSIST_CONNS, destination.persistentConnections);
    nest.u16(DEST_ATTR.ADDR_FAMILY, AF_NUMBER[familyOf(destination.address)]);
    answerStatistics(nest, DEST_ATTR.STATS, DEST_ATTR.STATS64, destination.statistics);
  });
}

export function answerDaemon(writer: NetlinkWriter, daemon: SyncDaemon): void {
  const group = addressBytes(daemon.group);
  unmarkedNest(writer, CMD_ATTR.DAEMON, (nest) => {
    nest.u32(DAEMON_ATTR.STATE, ROLE_NUMBER[daemon.role]);
    nest.string(DAEMON_ATTR.MCAST_IFN, daemon.interface);
    nest.u32(DAEMON_ATTR.SYNC_ID, daemon.syncId);
    nest.u16(DAEMON_ATTR.SYNC_MAXLEN, daemon.maxLength);
    nest.u16(DAEMON_ATTR.MCAST_PORT, daemon.port);
    nest.u8(DAEMON_ATTR.MCAST_TTL, daemon.ttl);
    nest.bytes(group.length === 4 ? DAEMON_ATTR.MCAST_GROUP : DAEMON_ATTR.MCAST_GROUP6, group);
  });
}

export function answerTimeouts(writer: NetlinkWriter, { tcp, tcpfin, udp }: Timeouts): void {
  writer.u32(CMD_ATTR.TIMEOUT_TCP, tcp);
  writer.u32(CMD_ATTR.TIMEOUT_TCP_FIN, tcpfin);
  writer.u32(CMD_ATTR.TIMEOUT_UDP, udp);
}

export function answerInfo(writer: NetlinkWriter, connectionTableSize: number): void {
  writer.u32(INFO_ATTR.VERSION, 0x010201);
  writer.u32(INFO_ATTR.CONN_TAB_SIZE, connectionTableSize);
}

/** The numbers of 64 bits, and before them their lower halves where old programs look. */
function answerStatistics(
  writer: NetlinkWriter,
  old: number,
  wide: number,
  { counters, rates }: Statistics,
): void {
  const values = [counters, rates].flatMap((part) => [
    part.connections,
    part.inPackets,
    part.outPackets,
    part.inBytes,
    part.outBytes,
  ]);
  unmarkedNest(writer, old, (nest) => {
    for (const [index, value] of values.entries()) {
      if (index === 3 || index === 4) nest.u64(index + 1, value);
      else nest.u32(index + 1, Number(BigInt.asUintN(32, value)));
    }
  });
  unmarkedNest(writer, wide, (nest) => {
    for (const [index, value] of values.entries()) nest.u64(index + 1, value);
  });
}

function unmarkedNest(writer: NetlinkWriter, type: number, body: (writer: NetlinkWriter) => void): void {
  const start = writer.length;
  writer.nest(type, body);
  const datagram = writer.datagram();
  datagram[start + 3] = (datagram[start + 3] ?? 0) & 0x7f;
}

function union(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(16);
  whole.set(bytes);
  return whole;
}
