import { NETLINK_NETFILTER } from '../../system/constants.ts';
import { NLM_F_APPEND, NLM_F_CREATE } from '../message.ts';
import { NetlinkConnection } from '../netlink-connection.ts';
import type { NetlinkRequest } from '../netlink-request.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import {
  type NfTable,
  writeNfChain,
  writeNfElements,
  writeNfHeader,
  writeNfRule,
  writeNfSet,
  writeNfTable,
} from './nf-table.ts';

/** linux/netfilter/nfnetlink.h */
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
/** linux/netfilter/nf_tables.h, enum nf_tables_msg_types. */
const MESSAGES = {
  NFT_MSG_NEWTABLE: 0,
  NFT_MSG_DELTABLE: 2,
  NFT_MSG_NEWCHAIN: 3,
  NFT_MSG_NEWRULE: 6,
  NFT_MSG_NEWSET: 9,
  NFT_MSG_NEWSETELEM: 12,
} as const;
/** Elements in one message: with 28 bytes each they stay far below what an attribute can hold. */
const MOST_ELEMENTS = 1000;

/**
 * nf_tables, the kernel's packet filter behind nft(8), of the network namespace that it was opened in. Changes need CAP_NET_ADMIN, and
 * happen as a whole or not at all. What the kernel refuses rejects with a NetlinkError of kind `refused`.
 */
export class NfTables {
  readonly #connection: NetlinkConnection;

  /** Throws a NetlinkError of kind `system-call` where the kernel has no netfilter. */
  constructor(connection = NetlinkConnection.open(NETLINK_NETFILTER)) {
    this.#connection = connection;
  }

  /** Has a table be this, whatever it was before. At no moment there is none. */
  async replaceTable(table: NfTable): Promise<void> {
    await this.#commit([...cleared(table), ...made(table)]);
  }

  /** A table that is not there is no failure. */
  async deleteTable(table: Pick<NfTable, 'name' | 'owned'>): Promise<void> {
    await this.#commit(cleared(table));
  }

  /** Ends requests; tables that this connection owns go with it. */
  close(): void {
    this.#connection.close();
  }

  async #commit(requests: readonly NetlinkRequest[]): Promise<void> {
    const edge = (name: string, type: number): NetlinkRequest => ({
      name,
      type,
      body: (writer) => writeNfHeader(writer, 0, NFNL_SUBSYS_NFTABLES),
      unanswered: true,
    });
    const outcomes = await this.#connection.execute([
      edge('NFNL_MSG_BATCH_BEGIN', NFNL_MSG_BATCH_BEGIN),
      ...requests,
      edge('NFNL_MSG_BATCH_END', NFNL_MSG_BATCH_END),
    ]);
    const failure = outcomes.find((outcome) => outcome !== undefined);
    if (failure !== undefined) throw failure;
  }
}

/** Adds the table so that it is there to be deleted. */
function cleared(table: Pick<NfTable, 'name' | 'owned'>): NetlinkRequest[] {
  return [
    request('NFT_MSG_NEWTABLE', (writer) => writeNfTable(writer, table)),
    request('NFT_MSG_DELTABLE', (writer) => writeNfTable(writer, { ...table, owned: false })),
  ];
}

function made(table: NfTable): NetlinkRequest[] {
  return [
    request('NFT_MSG_NEWTABLE', (writer) => writeNfTable(writer, table)),
    ...table.sets.flatMap((set, index) => [
      request('NFT_MSG_NEWSET', (writer) => writeNfSet(writer, table, set, index + 1)),
      ...parts(set.addresses).map((part) =>
        request('NFT_MSG_NEWSETELEM', (writer) => writeNfElements(writer, table, set, part)),
      ),
    ]),
    request('NFT_MSG_NEWCHAIN', (writer) => writeNfChain(writer, table)),
    ...table.chain.rules.map((rule) =>
      request('NFT_MSG_NEWRULE', (writer) => writeNfRule(writer, table, rule)),
    ),
  ];
}

function request(name: keyof typeof MESSAGES, body: (writer: NetlinkWriter) => void): NetlinkRequest {
  const type = (NFNL_SUBSYS_NFTABLES << 8) | MESSAGES[name];
  const flags = name === 'NFT_MSG_DELTABLE' ? 0 : NLM_F_CREATE | NLM_F_APPEND;
  // Each is answered for itself: that nothing is heard of one says nothing, as all fail together.
  return { name, type, flags, body, receive: () => {} };
}

function parts(addresses: readonly string[]): (readonly string[])[] {
  const count = Math.ceil(addresses.length / MOST_ELEMENTS);
  return Array.from({ length: count }, (_, index) =>
    addresses.slice(index * MOST_ELEMENTS, (index + 1) * MOST_ELEMENTS),
  );
}
