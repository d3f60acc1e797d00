import { familyOf, type IpAddress } from '../../../model/address.ts';
import type { Protocol } from '../../../model/service.ts';
import type { FirewallMark, Port } from '../../../model/unit.ts';
import { OFFSET, SIZE } from '../layout.gen.ts';
import {
  FAMILY_NUMBER,
  familyOfNumber,
  PROTOCOL_NUMBER,
  protocolOfNumber,
  readAddress,
  viewOf,
  writeAddress,
} from './address-codec.ts';

/** `struct mark_rule` of bpf/abi.h: gives packets without a mark one by where they go. */
export interface MarkRule {
  /** Absent for any. */
  readonly protocol?: Protocol;
  readonly address: IpAddress;
  /** Bits of the address that count, from 0. */
  readonly prefixLength: number;
  /** Destination ports, both included. */
  readonly firstPort: Port;
  readonly lastPort: Port;
  readonly mark: FirewallMark;
}

const at = OFFSET.mark_rule;

export function encodeMarkRule(rule: MarkRule): Uint8Array {
  const bytes = new Uint8Array(SIZE.mark_rule);
  const view = viewOf(bytes);
  bytes[at.family] = FAMILY_NUMBER[familyOf(rule.address)];
  bytes[at.protocol] = rule.protocol === undefined ? 0 : PROTOCOL_NUMBER[rule.protocol];
  bytes[at.prefix_length] = rule.prefixLength;
  view.setUint16(at.first_port, rule.firstPort, true);
  view.setUint16(at.last_port, rule.lastPort, true);
  view.setUint32(at.mark, rule.mark, true);
  writeAddress(bytes, at.address, rule.address);
  return bytes;
}

/** Undefined for an entry that was never written. */
export function decodeMarkRule(bytes: Uint8Array): MarkRule | undefined {
  const view = viewOf(bytes);
  const family = familyOfNumber(view.getUint8(at.family));
  if (family === undefined) return undefined;
  const protocol = protocolOfNumber(view.getUint8(at.protocol));
  return {
    ...(protocol === undefined ? {} : { protocol }),
    address: readAddress(bytes, at.address, family),
    prefixLength: view.getUint8(at.prefix_length),
    firstPort: view.getUint16(at.first_port, true) as Port,
    lastPort: view.getUint16(at.last_port, true) as Port,
    mark: view.getUint32(at.mark, true) as FirewallMark,
  };
}
