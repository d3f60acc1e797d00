import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import type { HostNetwork } from './host-network.ts';
import { InterfaceTable } from './interface-table.ts';
import type { XdpFeatures } from './xdp-features.ts';

export interface InterfaceServiceModules {
  readonly network: HostNetwork;
  readonly features: XdpFeatures;
  /** The map `interfaces`. */
  readonly map: BpfMap;
  readonly warn: (text: string) => void;
}

/** Milliseconds from one look at the devices' XDP features to the next: the kernel's notice of them would be one more socket. */
const PAUSE = 2000;
/** Entries of the map in one reading. */
const PAGE = 8192;

/** Runs an {@link InterfaceTable}: hears changes of links, and looks at their XDP features from time to time. */
export class InterfaceService {
  readonly #modules: InterfaceServiceModules;
  readonly #table: InterfaceTable;
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(modules: InterfaceServiceModules) {
    const { network, map, warn } = modules;
    const key = new Uint8Array(4);
    const keyOf = (index: number) => {
      new DataView(key.buffer).setUint32(0, index, true);
      return key;
    };
    this.#modules = modules;
    this.#table = new InterfaceTable(
      {
        set: (index, entry) => {
          try {
            map.update(keyOf(index), entry);
          } catch (error) {
            warn(`interface ${index} is unknown to the data plane: ${(error as Error).message}`);
          }
        },
        // An array has no deletion: an entry without an MTU is none.
        delete: (index) => void map.update(keyOf(index), new Uint8Array(map.valueSize)),
      },
      indicesOf(map),
    );
    this.#stopListening = network.listen(({ kind }) => {
      if (kind === 'link' || kind === 'everything') this.#table.write(network.links);
    });
  }

  /** The map is true when this resolves. */
  static async start(modules: InterfaceServiceModules): Promise<InterfaceService> {
    const service = new InterfaceService(modules);
    await service.look();
    return service;
  }

  /** Looks at the XDP features now, and again later. */
  look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#looking = this.#look();
    return this.#looking;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    clearTimeout(this.#timer);
    await this.#looking;
    this.#modules.features.close();
  }

  async #look(): Promise<void> {
    const { network, features, warn } = this.#modules;
    try {
      this.#table.setTargets(await features.targets());
      if (!this.#closed) this.#table.write(network.links);
    } catch (error) {
      if (!this.#closed) warn(`XDP features cannot be read: ${(error as Error).message}`);
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.look(), PAUSE);
  }
}

function indicesOf(map: BpfMap): number[] {
  const indices: number[] = [];
  for (const { count, keys, values } of readPages(map, PAGE)) {
    const view = new DataView(keys.buffer, keys.byteOffset);
    for (let entry = 0; entry < count; entry++) {
      const value = values.subarray(entry * map.valueSize, (entry + 1) * map.valueSize);
      if (value.some((byte) => byte !== 0)) indices.push(view.getUint32(entry * map.keySize, true));
    }
  }
  return indices;
}
