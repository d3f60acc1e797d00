import type { Link } from '../../../netlink/route/link.ts';
import { INTERFACE_XDP_TARGET, OFFSET, SIZE } from '../layout.gen.ts';

/** What writes the map `interfaces`, by index. */
export interface InterfaceMap {
  set(index: number, entry: Uint8Array): void;
  delete(index: number): void;
}

const AT = OFFSET.interface;
/** ARPHRD_ETHER, ARPHRD_LOOPBACK; linux/if_arp.h */
const WITH_ETHERNET_HEADER: readonly number[] = [1, 772];

/** Keeps the map `interfaces` true: MTU and MAC address of each device, and whether XDP can send frames out of it. */
export class InterfaceTable {
  readonly #map: InterfaceMap;
  readonly #written = new Map<number, string>();
  #targets: ReadonlySet<number> = new Set();

  /** `present` are the indices that the map has from before. */
  constructor(map: InterfaceMap, present: Iterable<number> = []) {
    this.#map = map;
    for (const index of present) this.#written.set(index, '');
  }

  /** Devices that XDP can send frames out of, from the next {@link write} on. */
  setTargets(targets: ReadonlySet<number>): void {
    this.#targets = targets;
  }

  write(links: ReadonlyMap<number, Link>): void {
    for (const index of this.#written.keys()) {
      if (links.has(index)) continue;
      this.#written.delete(index);
      this.#map.delete(index);
    }
    for (const link of links.values()) {
      if (!WITH_ETHERNET_HEADER.includes(link.hardware)) continue;
      const entry = encode(link, this.#targets.has(link.index));
      const text = Buffer.from(entry).toString('hex');
      if (this.#written.get(link.index) === text) continue;
      this.#map.set(link.index, entry);
      this.#written.set(link.index, text);
    }
  }
}

function encode({ mtu, address }: Link, target: boolean): Uint8Array {
  const bytes = new Uint8Array(SIZE.interface);
  const view = new DataView(bytes.buffer);
  view.setUint32(AT.flags, target ? INTERFACE_XDP_TARGET : 0, true);
  view.setUint32(AT.mtu, mtu, true);
  const mac = address?.split(':').map((byte) => Number.parseInt(byte, 16)) ?? [];
  if (mac.length === 6) bytes.set(mac, AT.mac);
  return bytes;
}
