import { familyOf, type IpAddress } from '../../model/address.ts';
import type { NfTable } from '../../netlink/netfilter/nf-table.ts';
import { NfTables } from '../../netlink/netfilter/nf-tables.ts';
import type { AddressGuard } from './address-guard.ts';

type Tables = Pick<NfTables, 'replaceTable' | 'close'>;

export const GUARD_TABLE = 'vipr_vrrp';
/** Behind IPVS, which takes packets for its services at 99 (linux/netfilter_ipv4.h, NF_IP_PRI_NAT_SRC less one), and behind other filters. */
const PRIORITY = 200;
const ICMPV6 = 58;
/** Neighbour solicitation and advertisement (RFC 4861 section 4). */
const [SOLICITATION, ADVERTISEMENT] = [135, 136];

/**
 * A guard by a table of nf_tables that belongs to this process: it goes with it, however it ends, and no reload of the host's firewall
 * flushes it away. Needs CAP_NET_ADMIN and Linux 5.12.
 */
export class NfAddressGuard implements AddressGuard {
  readonly #open: () => Tables;
  readonly #guarded = new Map<string, readonly IpAddress[]>();
  #tables: Tables | undefined;
  /** Changes of the table, one after the other, so that the last one has all. */
  #work: Promise<void> = Promise.resolve();

  constructor(open: () => Tables = () => new NfTables()) {
    this.#open = open;
  }

  async open(): Promise<string | undefined> {
    if (this.#tables !== undefined) return undefined;
    try {
      this.#tables = this.#open();
      await this.#write();
      return undefined;
    } catch (error) {
      this.close();
      return `packets to its addresses cannot be kept out: ${error instanceof Error ? error.message : error}`;
    }
  }

  async guard(whom: string, addresses: readonly IpAddress[]): Promise<void> {
    if (addresses.length > 0) this.#guarded.set(whom, addresses);
    else if (!this.#guarded.delete(whom)) return;
    await this.#write();
  }

  close(): void {
    this.#tables?.close();
    this.#tables = undefined;
  }

  #write(): Promise<void> {
    const written = this.#work.then(() =>
      this.#tables?.replaceTable(tableOf([...this.#guarded.values()].flat())),
    );
    this.#work = written.catch(() => {});
    return written;
  }
}

function tableOf(addresses: readonly IpAddress[]): NfTable {
  const of = (family: 'inet' | 'inet6') =>
    [...new Set(addresses)].filter((each) => familyOf(each) === family);
  return {
    name: GUARD_TABLE,
    owned: true,
    sets: [
      { name: 'addresses', family: 'inet', addresses: of('inet') },
      { name: 'addresses6', family: 'inet6', addresses: of('inet6') },
    ],
    chain: {
      name: 'input',
      hook: 'input',
      priority: PRIORITY,
      rules: [
        [
          { kind: 'family', family: 'inet6' },
          { kind: 'protocol', protocol: ICMPV6 },
          { kind: 'transport-byte', offset: 0, from: SOLICITATION, to: ADVERTISEMENT },
          { kind: 'verdict', verdict: 'accept' },
        ],
        [
          { kind: 'family', family: 'inet' },
          { kind: 'destination-in', family: 'inet', set: 'addresses' },
          { kind: 'verdict', verdict: 'drop' },
        ],
        [
          { kind: 'family', family: 'inet6' },
          { kind: 'destination-in', family: 'inet6', set: 'addresses6' },
          { kind: 'verdict', verdict: 'drop' },
        ],
      ],
    },
  };
}
