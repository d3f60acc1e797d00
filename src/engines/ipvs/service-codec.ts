import type { Family, IpAddress } from '../../model/address.ts';
import { inet4Word } from '../../model/inet4-word.ts';
import { type Protocol, type ServiceId, type ServiceSettings, serviceFamily } from '../../model/service.ts';
import type { ServiceStatus } from '../../model/table.ts';
import type { FirewallMark, Port, PrefixLength, Seconds } from '../../model/unit.ts';
import { checkNetmask } from '../../model/validate.ts';
import { AttributeReader } from '../../netlink/attribute-reader.ts';
import { type ByteRange, HOST_LITTLE_ENDIAN } from '../../netlink/byte-range.ts';
import { GENERIC_HEADER_BYTES } from '../../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../../netlink/message.ts';
import { malformed } from '../../netlink/netlink-error.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { familyOfNumber, unionAddress, writeUnionAddress } from './address-codec.ts';
import { dottedQuad } from './dotted-quad.ts';
import { AF_NUMBER, CMD_ATTR, PROTOCOL_NUMBER, SVC_ATTR, SVC_FLAG } from './ipvs-message.ts';
import { decodeStatistics, type StatisticsRanges } from './statistics-codec.ts';

/** A service as the kernel lists it, without its destinations. */
export type ListedService = Omit<ServiceStatus, 'destinations'>;

/** The same without statistics. */
export type ServiceSummary = Omit<ListedService, 'statistics'>;

const ALL_FLAGS = 0xffffffff;

const PROTOCOL_OF_NUMBER: ReadonlyMap<number, Protocol> = new Map([
  [PROTOCOL_NUMBER.tcp, 'tcp'],
  [PROTOCOL_NUMBER.udp, 'udp'],
  [PROTOCOL_NUMBER.sctp, 'sctp'],
]);

/** Writes what names a service. */
export function writeServiceId(writer: NetlinkWriter, id: ServiceId): void {
  writer.nest(CMD_ATTR.SERVICE, () => writeIdentity(writer, id));
}

/** Writes a service with its settings. Throws INVALID_OPERATION where the netmask is of the other address family. */
export function writeService(writer: NetlinkWriter, id: ServiceId, settings: ServiceSettings): void {
  const { persistenceTimeout, persistenceEngine } = settings;
  writer.nest(CMD_ATTR.SERVICE, () => {
    writeIdentity(writer, id);
    writer.string(SVC_ATTR.SCHED_NAME, settings.scheduler);
    if (persistenceEngine) writer.string(SVC_ATTR.PE_NAME, persistenceEngine);
    writer.words(SVC_ATTR.FLAGS, flagsOf(settings), ALL_FLAGS);
    writer.u32(SVC_ATTR.TIMEOUT, persistenceTimeout ?? 0);
    writeNetmask(writer, id, settings);
  });
}

function writeIdentity(writer: NetlinkWriter, id: ServiceId): void {
  writer.u16(SVC_ATTR.AF, AF_NUMBER[serviceFamily(id)]);
  if (id.kind === 'fwmark') {
    writer.u32(SVC_ATTR.FWMARK, id.fwmark);
    return;
  }
  writer.u16(SVC_ATTR.PROTOCOL, PROTOCOL_NUMBER[id.protocol]);
  writeUnionAddress(writer, SVC_ATTR.ADDR, id.address);
  writer.be16(SVC_ATTR.PORT, id.port);
}

function flagsOf({ persistenceTimeout, onePacket, schedulerFlags }: ServiceSettings): number {
  return (
    (persistenceTimeout === undefined ? 0 : SVC_FLAG.PERSISTENT) |
    (onePacket ? SVC_FLAG.ONEPACKET : 0) |
    (schedulerFlags.flag1 ? SVC_FLAG.SCHED1 : 0) |
    (schedulerFlags.flag2 ? SVC_FLAG.SCHED2 : 0) |
    (schedulerFlags.flag3 ? SVC_FLAG.SCHED3 : 0)
  );
}

/** Whether a prefix length is one is the kernel's to say; only what has no form on the wire is refused here. */
function writeNetmask(writer: NetlinkWriter, id: ServiceId, settings: ServiceSettings): void {
  const netmask = settings.persistenceNetmask;
  if ((typeof netmask === 'number') !== (serviceFamily(id) === 'inet6')) checkNetmask(id, settings);
  if (typeof netmask === 'number') writer.u32(SVC_ATTR.NETMASK, netmask);
  else {
    const word = inet4Word(netmask);
    if (word === undefined) checkNetmask(id, settings);
    writer.be32(SVC_ATTR.NETMASK, (word ?? 0) >>> 0);
  }
}

/**
 * Reads the service of a message; undefined for one that no `ipvsadm` makes: of another protocol than TCP, UDP and SCTP, or
 * of another address family. Throws a NetlinkError of kind `malformed`.
 */
export function decodeService(message: NetlinkMessage): ListedService | undefined {
  const raw = decodeRaw(message, true);
  const service = summaryOf(raw);
  return service && { ...service, statistics: decodeStatistics(raw) };
}

/** As {@link decodeService}, without the statistics. */
export function decodeServiceSummary(message: NetlinkMessage): ServiceSummary | undefined {
  return summaryOf(decodeRaw(message, false));
}

function decodeRaw({ payload }: NetlinkMessage, withStatistics: boolean): RawService {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  let raw: RawService = {};
  while (reader.next())
    if (reader.type === CMD_ATTR.SERVICE) raw = reader.nest((inner) => readService(inner, withStatistics));
  reader.finish();
  return raw;
}

interface RawService extends StatisticsRanges {
  family?: Family | undefined;
  protocol?: number;
  address?: ByteRange;
  port?: number;
  fwmark?: number;
  scheduler?: string;
  flags?: number;
  timeout?: number;
  netmask?: ByteRange;
  persistenceEngine?: string;
}

function readService(reader: AttributeReader, withStatistics: boolean): RawService {
  const raw: RawService = {};
  while (reader.next()) {
    switch (reader.type) {
      case SVC_ATTR.AF:
        raw.family = familyOfNumber(reader.u16());
        break;
      case SVC_ATTR.PROTOCOL:
        raw.protocol = reader.u16();
        break;
      case SVC_ATTR.ADDR:
        raw.address = reader.range();
        break;
      case SVC_ATTR.PORT:
        raw.port = reader.be16();
        break;
      case SVC_ATTR.FWMARK:
        raw.fwmark = reader.u32();
        break;
      case SVC_ATTR.SCHED_NAME:
        raw.scheduler = reader.string();
        break;
      case SVC_ATTR.FLAGS:
        raw.flags = firstWord(reader.range());
        break;
      case SVC_ATTR.TIMEOUT:
        raw.timeout = reader.u32();
        break;
      case SVC_ATTR.NETMASK:
        raw.netmask = reader.range();
        break;
      case SVC_ATTR.PE_NAME:
        raw.persistenceEngine = reader.string();
        break;
      case SVC_ATTR.STATS:
        if (withStatistics) raw.stats = reader.range();
        break;
      case SVC_ATTR.STATS64:
        if (withStatistics) raw.stats64 = reader.range();
        break;
    }
  }
  return raw;
}

function summaryOf(raw: RawService): ServiceSummary | undefined {
  const { family, flags = 0, scheduler, netmask, persistenceEngine, timeout = 0 } = raw;
  if (family === undefined) return undefined;
  const id = identityOf(raw, family);
  if (id === undefined) return undefined;
  if (scheduler === undefined || netmask === undefined) throw malformed('a service without its settings');
  return {
    id,
    scheduler,
    schedulerFlags: {
      flag1: (flags & SVC_FLAG.SCHED1) !== 0,
      flag2: (flags & SVC_FLAG.SCHED2) !== 0,
      flag3: (flags & SVC_FLAG.SCHED3) !== 0,
    },
    ...((flags & SVC_FLAG.PERSISTENT) === 0 ? {} : { persistenceTimeout: timeout as Seconds }),
    persistenceNetmask: netmaskOf(netmask, family),
    ...(persistenceEngine ? { persistenceEngine } : {}),
    onePacket: (flags & SVC_FLAG.ONEPACKET) !== 0,
  };
}

function identityOf(raw: RawService, family: Family): ServiceId | undefined {
  if (raw.fwmark !== undefined) return { kind: 'fwmark', fwmark: raw.fwmark as FirewallMark, family };
  const { address, port } = raw;
  if (raw.protocol === undefined || address === undefined || port === undefined) {
    throw malformed('a service without its address');
  }
  const protocol = PROTOCOL_OF_NUMBER.get(raw.protocol);
  if (protocol === undefined) return undefined;
  return { kind: 'address', protocol, address: unionAddress(address, family), port: port as Port };
}

function netmaskOf({ view, start, end }: ByteRange, family: Family): IpAddress | PrefixLength {
  if (end - start !== 4) throw malformed(`a netmask of ${end - start} bytes`);
  if (family === 'inet6') return view.getUint32(start, HOST_LITTLE_ENDIAN) as PrefixLength;
  return dottedQuad(view.getInt32(start));
}

/** Flags come with a mask behind them, which in answers is all ones. */
function firstWord({ view, start, end }: ByteRange): number {
  if (end - start < 4) throw malformed(`flags of ${end - start} bytes`);
  return view.getUint32(start, HOST_LITTLE_ENDIAN);
}
