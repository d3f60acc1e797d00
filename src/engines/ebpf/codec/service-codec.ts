import { type ServiceId, type ServiceSettings, serviceFamily } from '../../../model/service.ts';
import type { FirewallMark, Port, PrefixLength, Seconds } from '../../../model/unit.ts';
import {
  OFFSET,
  SERVICE_FLAG_1,
  SERVICE_FLAG_2,
  SERVICE_FLAG_3,
  SERVICE_ONE_PACKET,
  SERVICE_PERSISTENT,
  SIZE,
} from '../layout.gen.ts';
import {
  FAMILY_NUMBER,
  familyOfNumber,
  PROTOCOL_NUMBER,
  protocolOfNumber,
  readAddress,
  viewOf,
  writeAddress,
} from './address-codec.ts';

/** `struct service` of bpf/abi.h, but for the identity, which is the key. */
export interface ServiceRecord {
  readonly id: number;
  /** Raised with each service that is added. */
  readonly order: number;
  readonly settings: ServiceSettings;
}

const SCHEDULER_LENGTH = 16;
const key = OFFSET.service_key;
const at = OFFSET.service;

/** `struct service_key`. */
export function encodeServiceKey(id: ServiceId): Uint8Array {
  const bytes = new Uint8Array(SIZE.service_key);
  const view = viewOf(bytes);
  bytes[key.family] = FAMILY_NUMBER[serviceFamily(id)];
  if (id.kind === 'fwmark') {
    view.setUint32(key.address, id.fwmark, true);
  } else {
    bytes[key.protocol] = PROTOCOL_NUMBER[id.protocol];
    view.setUint16(key.port, id.port);
    writeAddress(bytes, key.address, id.address);
  }
  return bytes;
}

/** Undefined for bytes that are no service's, such as those of an entry that was never written. */
export function decodeServiceKey(bytes: Uint8Array): ServiceId | undefined {
  const view = viewOf(bytes);
  const family = familyOfNumber(view.getUint8(key.family));
  if (family === undefined) return undefined;
  const number = view.getUint8(key.protocol);
  if (number === 0)
    return { kind: 'fwmark', fwmark: view.getUint32(key.address, true) as FirewallMark, family };
  const protocol = protocolOfNumber(number);
  if (protocol === undefined) return undefined;
  const address = readAddress(bytes, key.address, family);
  return { kind: 'address', protocol, address, port: view.getUint16(key.port) as Port };
}

/** `hz`: jiffies a second. A persistence timeout wraps at 2^32 jiffies, as the kernel's does. */
export function encodeService({ id, order, settings }: ServiceRecord, hz: number): Uint8Array {
  const bytes = new Uint8Array(SIZE.service);
  const view = viewOf(bytes);
  const { persistenceTimeout, persistenceNetmask, schedulerFlags } = settings;
  const flags =
    (persistenceTimeout === undefined ? 0 : SERVICE_PERSISTENT) |
    (settings.onePacket ? SERVICE_ONE_PACKET : 0) |
    (schedulerFlags.flag1 ? SERVICE_FLAG_1 : 0) |
    (schedulerFlags.flag2 ? SERVICE_FLAG_2 : 0) |
    (schedulerFlags.flag3 ? SERVICE_FLAG_3 : 0);
  view.setUint32(at.id, id, true);
  view.setUint32(at.flags, flags, true);
  if (typeof persistenceNetmask === 'number') view.setUint32(at.prefix_length, persistenceNetmask, true);
  else writeAddress(bytes, at.netmask, persistenceNetmask);
  view.setUint32(at.persistence_timeout, Math.imul(persistenceTimeout ?? 0, hz), true);
  view.setUint32(at.persistence_seconds, persistenceTimeout ?? 0, true);
  view.setUint32(at.order, order, true);
  new TextEncoder().encodeInto(
    settings.scheduler,
    bytes.subarray(at.scheduler, at.scheduler + SCHEDULER_LENGTH - 1),
  );
  return bytes;
}

export function decodeService(bytes: Uint8Array): ServiceRecord {
  const view = viewOf(bytes);
  const flags = view.getUint32(at.flags, true);
  const prefixLength = view.getUint32(at.prefix_length, true) as PrefixLength;
  const name = bytes.subarray(at.scheduler, at.scheduler + SCHEDULER_LENGTH);
  const settings: ServiceSettings = {
    scheduler: Buffer.from(name.subarray(0, name.indexOf(0))).toString(),
    schedulerFlags: {
      flag1: (flags & SERVICE_FLAG_1) !== 0,
      flag2: (flags & SERVICE_FLAG_2) !== 0,
      flag3: (flags & SERVICE_FLAG_3) !== 0,
    },
    ...(flags & SERVICE_PERSISTENT
      ? { persistenceTimeout: view.getUint32(at.persistence_seconds, true) as Seconds }
      : {}),
    persistenceNetmask: prefixLength === 0 ? readAddress(bytes, at.netmask, 'inet') : prefixLength,
    onePacket: (flags & SERVICE_ONE_PACKET) !== 0,
  };
  return { id: view.getUint32(at.id, true), order: view.getUint32(at.order, true), settings };
}
