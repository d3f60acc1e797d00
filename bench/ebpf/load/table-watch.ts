import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { OFFSET } from '../../../src/engines/ebpf/layout.gen.ts';
import { Totals } from '../../../src/engines/ebpf/lifecycle/totals.ts';
import { addressBytes, type IpAddress } from '../../../src/model/address.ts';
import { BpfMap } from '../../../src/system/bpf/bpf-map.ts';
import { openPinned } from '../../../src/system/bpf/pin.ts';
import { readPages } from '../../../src/system/bpf/read-pages.ts';

/** Looks at the tables of a running engine by its pins. */
export class TableWatch {
  readonly #maps: ReadonlyMap<string, BpfMap>;
  readonly #totals: Totals;

  /** `directory` has the pins of the instance's maps. */
  constructor(directory: string) {
    const names = ['totals', 'connections4', 'destinations'].filter((name) =>
      readdirSync(directory).includes(name),
    );
    this.#maps = new Map(
      names.map((name) => [name, BpfMap.fromDescriptor(openPinned(join(directory, name)))] as const),
    );
    this.#totals = new Totals(this.#map('totals'));
  }

  entries(): number {
    return this.#totals.entries();
  }

  /** Of enum total of bpf/abi.h. */
  total(total: number): number {
    return Number(this.#totals.read(total));
  }

  /** The slot of the destination with an address; throws where there is none. */
  slotOf(address: string): number {
    const wanted = Buffer.from(addressBytes(address as IpAddress));
    for (const { count, values } of readPages(this.#map('destinations'))) {
      const { valueSize } = this.#map('destinations');
      for (let slot = 0; slot < count; slot++) {
        const at = slot * valueSize + OFFSET.destination.address;
        if (wanted.equals(values.subarray(at, at + wanted.length))) return slot;
      }
    }
    throw new Error(`no destination is ${address}`);
  }

  /** Entries of connections that lead to a destination. */
  connectionsTo(slot: number): number {
    const { valueSize } = this.#map('connections4');
    let found = 0;
    for (const { count, values } of readPages(this.#map('connections4'))) {
      const view = new DataView(values.buffer, values.byteOffset);
      for (let entry = 0; entry < count; entry++)
        if (view.getUint32(entry * valueSize + OFFSET.connection.destination, true) === slot) found += 1;
    }
    return found;
  }

  close(): void {
    for (const map of this.#maps.values()) map.close();
  }

  #map(name: string): BpfMap {
    const map = this.#maps.get(name);
    if (map === undefined) throw new RangeError(`the engine has not pinned ${name}`);
    return map;
  }
}
