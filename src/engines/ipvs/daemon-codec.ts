import { addressBytes, type IpAddress } from '../../model/address.ts';
import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import type { Port } from '../../model/unit.ts';
import { AttributeReader } from '../../netlink/attribute-reader.ts';
import { GENERIC_HEADER_BYTES } from '../../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../../netlink/message.ts';
import { malformed } from '../../netlink/netlink-error.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { readAddress } from './address-codec.ts';
import { CMD_ATTR, DAEMON_ATTR, ROLE_NUMBER } from './ipvs-message.ts';

/** What kernels before 4.3 use and do not tell: a group, a port and a length that cannot be set there (ip_vs.h). */
const FIXED = { maxLength: 0, group: '224.0.0.81' as IpAddress, port: 8848 as Port, ttl: 1 };

export function writeDaemon(writer: NetlinkWriter, settings: SyncDaemonSettings): void {
  const { maxLength, group, port, ttl } = settings;
  writer.nest(CMD_ATTR.DAEMON, () => {
    writeRole(writer, settings.role, settings.interface, settings.syncId);
    if (maxLength !== undefined) writer.u16(DAEMON_ATTR.SYNC_MAXLEN, maxLength);
    if (group !== undefined) writeGroup(writer, group);
    if (port !== undefined) writer.u16(DAEMON_ATTR.MCAST_PORT, port);
    if (ttl !== undefined) writer.u8(DAEMON_ATTR.MCAST_TTL, ttl);
  });
}

/** Writes what stops a daemon: the kernel reads the role only, and `ipvsadm` fills the rest with nothing. */
export function writeDaemonRole(writer: NetlinkWriter, role: DaemonRole): void {
  writer.nest(CMD_ATTR.DAEMON, () => writeRole(writer, role, '', 0));
}

function writeRole(writer: NetlinkWriter, role: DaemonRole, name: string, syncId: number): void {
  writer.u32(DAEMON_ATTR.STATE, ROLE_NUMBER[role]);
  writer.string(DAEMON_ATTR.MCAST_IFN, name);
  writer.u32(DAEMON_ATTR.SYNC_ID, syncId);
}

function writeGroup(writer: NetlinkWriter, group: IpAddress): void {
  const bytes = addressBytes(group);
  writer.bytes(bytes.length === 4 ? DAEMON_ATTR.MCAST_GROUP : DAEMON_ATTR.MCAST_GROUP6, bytes);
}

/** Reads the daemon of a message; throws a NetlinkError of kind `malformed`. */
export function decodeDaemon({ payload }: NetlinkMessage): SyncDaemon {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  let daemon: SyncDaemon | undefined;
  while (reader.next()) if (reader.type === CMD_ATTR.DAEMON) daemon = reader.nest(readDaemon);
  reader.finish();
  if (daemon === undefined) throw malformed('an answer about a daemon without the daemon');
  return daemon;
}

function readDaemon(reader: AttributeReader): SyncDaemon | undefined {
  let role: DaemonRole | undefined;
  let name = '';
  let syncId = 0;
  let { maxLength, group, port, ttl } = FIXED;
  while (reader.next()) {
    switch (reader.type) {
      case DAEMON_ATTR.STATE:
        role = roleOf(reader.u32());
        break;
      case DAEMON_ATTR.MCAST_IFN:
        name = reader.string();
        break;
      case DAEMON_ATTR.SYNC_ID:
        syncId = reader.u32();
        break;
      case DAEMON_ATTR.SYNC_MAXLEN:
        maxLength = reader.u16();
        break;
      case DAEMON_ATTR.MCAST_GROUP:
      case DAEMON_ATTR.MCAST_GROUP6:
        group = readAddress(reader);
        break;
      case DAEMON_ATTR.MCAST_PORT:
        port = reader.u16() as Port;
        break;
      case DAEMON_ATTR.MCAST_TTL:
        ttl = reader.u8();
        break;
    }
  }
  if (reader.error !== undefined) return undefined;
  if (role === undefined) throw malformed('a daemon without its role');
  return { role, interface: name, syncId, maxLength, group, port, ttl };
}

function roleOf(number: number): DaemonRole {
  if (number === ROLE_NUMBER.master) return 'master';
  if (number === ROLE_NUMBER.backup) return 'backup';
  throw malformed(`a daemon in the state ${number}`);
}
