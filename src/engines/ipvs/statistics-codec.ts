import { NO_STATISTICS, type Statistics } from '../../model/statistics.ts';
import { AttributeReader } from '../../netlink/attribute-reader.ts';
import type { ByteRange } from '../../netlink/byte-range.ts';
import { STATS_ATTR } from './ipvs-message.ts';

/** Both nests of statistics as far as they came; kernels before 4.1 lack the second. */
export interface StatisticsRanges {
  stats?: ByteRange;
  stats64?: ByteRange;
}

/**
 * Reads the statistics of 64 bits, or where they are missing those of 32 bits, which wrap (ip_vs_ctl.c,
 * ip_vs_genl_fill_stats64 and ip_vs_genl_fill_stats).
 */
export function decodeStatistics({ stats, stats64 }: StatisticsRanges): Statistics {
  const range = stats64 ?? stats;
  if (range === undefined) return NO_STATISTICS;
  const reader = new AttributeReader(range);
  const values: bigint[] = [];
  let used = false;
  while (reader.next()) {
    const { type } = reader;
    // The numbers above are padding.
    if (type < STATS_ATTR.CONNS || type > STATS_ATTR.OUTBPS) continue;
    const value = reader.length === 4 ? BigInt(reader.u32()) : reader.u64();
    used ||= value !== 0n;
    values[type] = value;
  }
  reader.finish();
  // A large table is mostly idle: what counts nothing shares one object.
  if (!used) return NO_STATISTICS;
  const value = (type: number): bigint => values[type] ?? 0n;
  return {
    counters: {
      connections: value(STATS_ATTR.CONNS),
      inPackets: value(STATS_ATTR.INPKTS),
      outPackets: value(STATS_ATTR.OUTPKTS),
      inBytes: value(STATS_ATTR.INBYTES),
      outBytes: value(STATS_ATTR.OUTBYTES),
    },
    rates: {
      connections: value(STATS_ATTR.CPS),
      inPackets: value(STATS_ATTR.INPPS),
      outPackets: value(STATS_ATTR.OUTPPS),
      inBytes: value(STATS_ATTR.INBPS),
      outBytes: value(STATS_ATTR.OUTBPS),
    },
  };
}
