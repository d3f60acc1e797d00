import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import * as layout from '../layout.gen.ts';

/** What the data plane counted since its maps were made: enum total of bpf/abi.h, summed over the processors. */
export class Totals {
  readonly #map: BpfMap;
  readonly #key = new Uint8Array(4);
  readonly #value: Uint8Array;

  constructor(map: BpfMap) {
    this.#map = map;
    this.#value = new Uint8Array(map.valueSize);
  }

  read(total: number): bigint {
    new DataView(this.#key.buffer).setUint32(0, total, true);
    this.#map.lookup(this.#key, this.#value);
    const view = new DataView(this.#value.buffer);
    let sum = 0n;
    for (let cpu = 0; cpu < this.#map.cpus; cpu++)
      sum += view.getBigUint64(cpu * this.#map.valueStride, true);
    return sum;
  }

  /** Entries of the connection tables. */
  entries(): number {
    const added = this.read(layout.TOTAL_CONNECTIONS_ADDED);
    // Read second: an entry that goes meanwhile was added before.
    const removed = this.read(layout.TOTAL_CONNECTIONS_REMOVED);
    return Number(added > removed ? added - removed : 0n);
  }
}

/** Totals that an operator should hear of when they grow, as sentences with the number in front. */
export const ALARMS: readonly { readonly total: number; readonly text: string; readonly what: string }[] = [
  {
    total: layout.TOTAL_TABLE_FULL,
    text: 'packets dropped, as the connection table is full',
    what: 'raise connections in the section ebpf of the configuration',
  },
  {
    total: layout.TOTAL_NO_DESTINATION,
    text: 'packets of clients refused, as their service has no destination that takes connections',
    what: '`vipr status` shows which destinations are gone, have weight 0, or as many connections as they may',
  },
  {
    total: layout.TOTAL_NO_NEXT_HOP,
    text: 'packets dropped for want of a route or neighbour',
    what: 'look at `ip route get` and `ip neigh` for the destinations and the clients',
  },
  {
    total: layout.TOTAL_TOO_BIG,
    text: 'packets too big for the way to their destination',
    what: 'the senders are told; lower their MTU, or raise that of the way',
  },
  {
    total: layout.TOTAL_REWRITE_FAILED,
    text: 'packets dropped that the kernel would not let the programs change',
    what: 'report it with the kernel version and the devices',
  },
  {
    total: layout.TOTAL_DROP_PACKET,
    text: 'packets dropped by the defence drop_packet',
    what: 'the table is almost full, or drop_packet is 3',
  },
  {
    total: layout.TOTAL_SYNC_LOST,
    text: 'changes of connections that backups were not told of at once, as there were more than the director took',
    what: 'they are told with a later packet; give the director more of a processor, or raise sync_threshold or sync_refresh_period',
  },
];
