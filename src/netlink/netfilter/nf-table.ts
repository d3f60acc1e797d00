import type { NetlinkWriter } from '../netlink-writer.ts';
import { bytesOfAddress } from '../route/ip-address.ts';
import { type NfExpression, writeNfExpression } from './nf-expression.ts';

/** A table of nf_tables, of the family `inet`, with one chain: what nft(8) calls a base chain of type filter. */
export interface NfTable {
  readonly name: string;
  /** It goes with the connection that made it, and no other program can change it or flush it away (Linux 5.12). */
  readonly owned: boolean;
  readonly sets: readonly NfAddressSet[];
  readonly chain: {
    readonly name: string;
    readonly hook: keyof typeof HOOKS;
    /** Chains of lower priority go before (linux/netfilter_ipv4.h, NF_IP_PRI_*). What no rule decides is accepted. */
    readonly priority: number;
    readonly rules: readonly (readonly NfExpression[])[];
  };
}

/** A set of addresses of one family. */
export interface NfAddressSet {
  readonly name: string;
  readonly family: 'inet' | 'inet6';
  readonly addresses: readonly string[];
}

/** enum nf_inet_hooks (linux/netfilter.h). */
const HOOKS = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;

/** linux/netfilter/nf_tables.h */
const NFTA_TABLE_NAME = 1;
const NFTA_TABLE_FLAGS = 2;
const NFT_TABLE_F_OWNER = 0x2;
const NFTA_CHAIN_TABLE = 1;
const NFTA_CHAIN_NAME = 3;
const NFTA_CHAIN_HOOK = 4;
const NFTA_CHAIN_TYPE = 7;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;
const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_SET_TABLE = 1;
const NFTA_SET_NAME = 2;
const NFTA_SET_FLAGS = 3;
const NFTA_SET_KEY_TYPE = 4;
const NFTA_SET_KEY_LEN = 5;
const NFTA_SET_ID = 10;
const NFTA_SET_ELEM_LIST_TABLE = 1;
const NFTA_SET_ELEM_LIST_SET = 2;
const NFTA_SET_ELEM_LIST_ELEMENTS = 3;
const NFTA_LIST_ELEM = 1;
const NFTA_SET_ELEM_KEY = 1;
const NFTA_DATA_VALUE = 1;
/** Of nft(8): how it shows the elements; and bytes of a key. */
const KEYS = { inet: { type: 7, length: 4 }, inet6: { type: 8, length: 16 } } as const;

/** struct nfgenmsg (linux/netfilter/nfnetlink.h): family, version, resource. */
export const NF_HEADER_BYTES = 4;
const NFPROTO_INET = 1;

export function writeNfHeader(writer: NetlinkWriter, family = NFPROTO_INET, resource = 0): void {
  writer.octets(family, 0, resource >>> 8, resource & 0xff);
}

export function writeNfTable(writer: NetlinkWriter, { name, owned }: Pick<NfTable, 'name' | 'owned'>): void {
  writeNfHeader(writer);
  writer.string(NFTA_TABLE_NAME, name);
  if (owned) writer.be32(NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
}

export function writeNfChain(writer: NetlinkWriter, { name, chain }: NfTable): void {
  writeNfHeader(writer);
  writer.string(NFTA_CHAIN_TABLE, name);
  writer.string(NFTA_CHAIN_NAME, chain.name);
  writer.nest(NFTA_CHAIN_HOOK, () => {
    writer.be32(NFTA_HOOK_HOOKNUM, HOOKS[chain.hook]);
    writer.be32(NFTA_HOOK_PRIORITY, chain.priority >>> 0);
  });
  writer.string(NFTA_CHAIN_TYPE, 'filter');
}

/** `id` is one that no other set of the same batch has. */
export function writeNfSet(writer: NetlinkWriter, { name }: NfTable, set: NfAddressSet, id: number): void {
  const { type, length } = KEYS[set.family];
  writeNfHeader(writer);
  writer.string(NFTA_SET_TABLE, name);
  writer.string(NFTA_SET_NAME, set.name);
  writer.be32(NFTA_SET_FLAGS, 0);
  writer.be32(NFTA_SET_KEY_TYPE, type);
  writer.be32(NFTA_SET_KEY_LEN, length);
  writer.be32(NFTA_SET_ID, id);
}

export function writeNfElements(
  writer: NetlinkWriter,
  { name }: NfTable,
  set: NfAddressSet,
  addresses: readonly string[],
): void {
  writeNfHeader(writer);
  writer.string(NFTA_SET_ELEM_LIST_TABLE, name);
  writer.string(NFTA_SET_ELEM_LIST_SET, set.name);
  writer.nest(NFTA_SET_ELEM_LIST_ELEMENTS, () => {
    for (const address of addresses) {
      writer.nest(NFTA_LIST_ELEM, () => {
        writer.nest(NFTA_SET_ELEM_KEY, () => writer.bytes(NFTA_DATA_VALUE, bytesOfAddress(address)));
      });
    }
  });
}

export function writeNfRule(
  writer: NetlinkWriter,
  { name, chain }: NfTable,
  expressions: readonly NfExpression[],
): void {
  writeNfHeader(writer);
  writer.string(NFTA_RULE_TABLE, name);
  writer.string(NFTA_RULE_CHAIN, chain.name);
  writer.nest(NFTA_RULE_EXPRESSIONS, () => {
    for (const expression of expressions) writeNfExpression(writer, expression);
  });
}
