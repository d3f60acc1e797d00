import type { NetlinkWriter } from '../netlink-writer.ts';

/** A step of a rule of nf_tables: it ends the rule where it does not match. */
export type NfExpression =
  /** The packet is of this family (of the table family `inet`). */
  | { readonly kind: 'family'; readonly family: 'inet' | 'inet6' }
  /** The payload is of this IP protocol; extension headers of IPv6 are passed over. */
  | { readonly kind: 'protocol'; readonly protocol: number }
  /** A byte of the transport header lies between two values, both included. */
  | { readonly kind: 'transport-byte'; readonly offset: number; readonly from: number; readonly to: number }
  /** The destination address is in a set of the table. */
  | { readonly kind: 'destination-in'; readonly family: 'inet' | 'inet6'; readonly set: string }
  /** What becomes of the packet; other tables still have their say where it is accepted. */
  | { readonly kind: 'verdict'; readonly verdict: 'accept' | 'drop' };

/** linux/netfilter/nf_tables.h */
const NFTA_LIST_ELEM = 1;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_META_DREG = 1;
const NFTA_META_KEY = 2;
const NFT_META_NFPROTO = 15;
const NFT_META_L4PROTO = 16;
const NFTA_CMP_SREG = 1;
const NFTA_CMP_OP = 2;
const NFTA_CMP_DATA = 3;
const NFT_CMP = { equal: 0, atMost: 3, atLeast: 5 } as const;
const NFTA_DATA_VALUE = 1;
const NFTA_DATA_VERDICT = 2;
const NFTA_VERDICT_CODE = 1;
const NFTA_PAYLOAD_DREG = 1;
const NFTA_PAYLOAD_BASE = 2;
const NFTA_PAYLOAD_OFFSET = 3;
const NFTA_PAYLOAD_LEN = 4;
const NETWORK_HEADER = 1;
const TRANSPORT_HEADER = 2;
const NFTA_LOOKUP_SET = 1;
const NFTA_LOOKUP_SREG = 2;
const NFTA_IMMEDIATE_DREG = 1;
const NFTA_IMMEDIATE_DATA = 2;
const NFT_REG_VERDICT = 0;
const NFT_REG_1 = 1;
/** linux/netfilter.h */
const NFPROTO = { inet: 2, inet6: 10 } as const;
const VERDICTS = { drop: 0, accept: 1 } as const;

/** Where the destination address lies in the header (RFC 791 section 3.1, RFC 8200 section 3). */
const DESTINATION = { inet: { offset: 16, length: 4 }, inet6: { offset: 24, length: 16 } } as const;

/** Writes a step as members of a list of expressions; a step may be several of the kernel's. */
export function writeNfExpression(writer: NetlinkWriter, expression: NfExpression): void {
  switch (expression.kind) {
    case 'family':
      load(writer, NFT_META_NFPROTO);
      compare(writer, 'equal', NFPROTO[expression.family]);
      return;
    case 'protocol':
      load(writer, NFT_META_L4PROTO);
      compare(writer, 'equal', expression.protocol);
      return;
    case 'transport-byte':
      payload(writer, TRANSPORT_HEADER, expression.offset, 1);
      compare(writer, 'atLeast', expression.from);
      compare(writer, 'atMost', expression.to);
      return;
    case 'destination-in': {
      const { offset, length } = DESTINATION[expression.family];
      payload(writer, NETWORK_HEADER, offset, length);
      element(writer, 'lookup', () => {
        writer.string(NFTA_LOOKUP_SET, expression.set);
        writer.be32(NFTA_LOOKUP_SREG, NFT_REG_1);
      });
      return;
    }
    case 'verdict':
      element(writer, 'immediate', () => {
        writer.be32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        writer.nest(NFTA_IMMEDIATE_DATA, () => {
          writer.nest(NFTA_DATA_VERDICT, () => writer.be32(NFTA_VERDICT_CODE, VERDICTS[expression.verdict]));
        });
      });
      return;
    default:
      throw new TypeError(`unknown expression ${JSON.stringify(expression satisfies never)}`);
  }
}

function element(writer: NetlinkWriter, name: string, data: () => void): void {
  writer.nest(NFTA_LIST_ELEM, () => {
    writer.string(NFTA_EXPR_NAME, name);
    writer.nest(NFTA_EXPR_DATA, data);
  });
}

/** Loads something that is known of the packet; nft_meta.c. */
function load(writer: NetlinkWriter, key: number): void {
  element(writer, 'meta', () => {
    writer.be32(NFTA_META_DREG, NFT_REG_1);
    writer.be32(NFTA_META_KEY, key);
  });
}

function payload(writer: NetlinkWriter, base: number, offset: number, length: number): void {
  element(writer, 'payload', () => {
    writer.be32(NFTA_PAYLOAD_DREG, NFT_REG_1);
    writer.be32(NFTA_PAYLOAD_BASE, base);
    writer.be32(NFTA_PAYLOAD_OFFSET, offset);
    writer.be32(NFTA_PAYLOAD_LEN, length);
  });
}

/** Compares the one byte that was loaded. */
function compare(writer: NetlinkWriter, how: keyof typeof NFT_CMP, value: number): void {
  element(writer, 'cmp', () => {
    writer.be32(NFTA_CMP_SREG, NFT_REG_1);
    writer.be32(NFTA_CMP_OP, NFT_CMP[how]);
    writer.nest(NFTA_CMP_DATA, () => writer.bytes(NFTA_DATA_VALUE, Uint8Array.of(value)));
  });
}
