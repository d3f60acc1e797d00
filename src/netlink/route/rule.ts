import { AttributeReader } from '../attribute-reader.ts';
import { HOST_LITTLE_ENDIAN } from '../byte-range.ts';
import type { NetlinkMessage } from '../message.ts';
import { malformed } from '../netlink-error.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import { type IpPrefix, readAddress, writeAddress } from './ip-address.ts';
import { AF_NUMBER, type IpFamily, ipFamilyOf } from './route-message.ts';

/** A rule that has packets looked up in a table (ip-rule(8)). */
export interface RuleSettings {
  readonly family: IpFamily;
  /** Where packets come from, and go to; absent for anywhere. */
  readonly from?: IpPrefix;
  readonly to?: IpPrefix;
  /** RT_TABLE_ number. */
  readonly table: number;
  /** The lower one goes before; absent: the kernel chooses. */
  readonly priority?: number;
  /** Firewall mark of the packets. */
  readonly mark?: number;
}

/** A rule as the kernel lists it; those that do other things than look a table up have an `action` above 1. */
export interface Rule extends RuleSettings {
  readonly priority: number;
  /** FR_ACT_ number (linux/fib_rules.h). */
  readonly action: number;
}

/** struct fib_rule_hdr and its attributes (linux/fib_rules.h). */
const HEADER_BYTES = 12;
const FRA_DST = 1;
const FRA_SRC = 2;
const FRA_PRIORITY = 6;
const FRA_FWMARK = 10;
const FRA_TABLE = 15;
const FRA_PROTOCOL = 21;
const FR_ACT_TO_TBL = 1;
const RTPROT_STATIC = 4;

/** Reads an RTM_NEWRULE or RTM_DELRULE; throws a NetlinkError of kind `malformed`. */
export function decodeRule({ payload }: NetlinkMessage): Rule {
  const reader = new AttributeReader(payload, HEADER_BYTES);
  reader.finish();
  const { view, start } = payload;
  const family = ipFamilyOf(view.getUint8(start));
  if (family === undefined) throw malformed(`a rule of the family ${view.getUint8(start)}`);
  const [toLength, fromLength] = [view.getUint8(start + 1), view.getUint8(start + 2)];
  const rule: { -readonly [Key in keyof Rule]: Rule[Key] } = {
    family,
    table: view.getUint8(start + 4),
    action: view.getUint8(start + 7),
    priority: 0,
  };
  while (reader.next()) {
    switch (reader.type) {
      case FRA_DST:
        rule.to = { address: readAddress(reader), prefixLength: toLength };
        break;
      case FRA_SRC:
        rule.from = { address: readAddress(reader), prefixLength: fromLength };
        break;
      case FRA_PRIORITY:
        rule.priority = reader.u32();
        break;
      case FRA_FWMARK:
        rule.mark = reader.u32();
        break;
      case FRA_TABLE:
        rule.table = reader.u32();
        break;
    }
  }
  reader.finish();
  return rule;
}

export function writeRuleQuery(writer: NetlinkWriter, family: IpFamily): void {
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = AF_NUMBER[family];
  writer.header(header);
}

export function writeRule(
  writer: NetlinkWriter,
  { family, from, to, table, priority, mark }: RuleSettings,
): void {
  const header = new Uint8Array(HEADER_BYTES);
  header.set([AF_NUMBER[family], to?.prefixLength ?? 0, from?.prefixLength ?? 0]);
  header[7] = FR_ACT_TO_TBL;
  new DataView(header.buffer).setUint32(8, 0, HOST_LITTLE_ENDIAN);
  writer.header(header);
  writeAddress(writer, FRA_DST, to?.address);
  writeAddress(writer, FRA_SRC, from?.address);
  if (priority !== undefined) writer.u32(FRA_PRIORITY, priority);
  if (mark !== undefined) writer.u32(FRA_FWMARK, mark);
  writer.u32(FRA_TABLE, table);
  writer.u8(FRA_PROTOCOL, RTPROT_STATIC);
}
