import type { IpAddress } from '../../model/address.ts';
import type { SyncMark } from './sync-mark.ts';

/** Sequence numbers of one direction of a connection whose length an application changed (struct ip_vs_seq). */
export interface SequenceData {
  readonly initial: number;
  readonly delta: number;
  readonly previousDelta: number;
}

/** One connection or template as a master tells it (net/netfilter/ipvs/ip_vs_sync.c, struct ip_vs_sync_v4 and _v6). */
export interface SyncRecord {
  /** Of IP; 0 for templates of firewall marks. */
  readonly protocol: number;
  readonly clientAddress: IpAddress;
  /** 0 for templates. */
  readonly clientPort: number;
  readonly virtualAddress: IpAddress;
  readonly virtualPort: number;
  readonly destinationAddress: IpAddress;
  readonly destinationPort: number;
  /** Of the packet that made the connection; 0 for none, and in version 0. */
  readonly fwmark: number;
  /** Connection flags, {@link SYNC_FLAGS}. */
  readonly flags: number;
  /** The kernel's number of the protocol's state. */
  readonly state: number;
  /** Seconds that the connection lives without a packet; 0 in version 0, which does not tell. */
  readonly timeout: number;
  /** Present exactly where `flags` has a bit of {@link SYNC_FLAGS.sequence}. */
  readonly sequence?: { readonly inbound: SequenceData; readonly outbound: SequenceData };
  /** Of templates with a persistence engine: 1 to 255 bytes, and a name of 1 to 16 characters. */
  readonly persistence?: { readonly engine: string; readonly data: Uint8Array };
}

/** A datagram's worth of records. */
export interface SyncMessage {
  /** 0 to 255. */
  readonly syncId: number;
  /** At most 255. */
  readonly records: readonly SyncRecord[];
  /** Of vipr. */
  readonly mark?: SyncMark;
}

/** Most records of a datagram: their number has one byte. */
export const MOST_RECORDS = 255;

/** Bits of {@link SyncRecord.flags} (include/uapi/linux/ip_vs.h, IP_VS_CONN_F_*). */
export const SYNC_FLAGS = {
  forwarding: 0x0007,
  noOutput: 0x0080,
  inactive: 0x0100,
  sequence: 0x0600,
  noClientPort: 0x0800,
  template: 0x1000,
} as const;

/** Group and port of the kernel's daemons unless told otherwise (IP_VS_SYNC_GROUP, IP_VS_SYNC_PORT). */
export const SYNC_GROUP = '224.0.0.81';
export const SYNC_PORT = 8848;

/** Length of the header of version 1, and of a record's fixed part by its family. */
export const V1_HEADER_BYTES = 8;
export const V1_RECORD_BYTES = { inet: 36, inet6: 72 } as const;
/** Of version 0, which is for IPv4 alone. */
export const V0_HEADER_BYTES = 4;
export const V0_RECORD_BYTES = 24;
/** Sequence data of both directions. */
export const SEQUENCE_BYTES = 24;
/** Types of the options behind the fixed part of version 1. */
export const OPTION = { sequence: 1, persistenceData: 2, persistenceEngine: 3 } as const;
/** Marks an option that a receiver may skip. */
export const OPTIONAL_BIT = 0x40;
export const LONGEST_ENGINE_NAME = 16;
