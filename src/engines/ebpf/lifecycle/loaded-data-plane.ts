import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ViprError } from '../../../model/error.ts';
import { BpfError } from '../../../system/bpf/bpf-error.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { BpfObject } from '../../../system/bpf/bpf-object.ts';
import type { ObjectProgram } from '../../../system/bpf/object-program.ts';
import { pin } from '../../../system/bpf/pin.ts';
import type { Instance } from './instance.ts';
import { pinnedLayout, requireLayout, reusePinned, sharedMaps } from './pinned-maps.ts';
import { removePinnedMaps } from './remove-pins.ts';
import { SIZED_MAPS, type TableSizes } from './table-sizes.ts';

/** The programs, loaded, over the instance's maps, which are pinned. */
export class LoadedDataPlane {
  /** Whether the maps were there: an earlier director's table. */
  readonly restored: boolean;
  readonly #object: BpfObject;
  readonly #maps: ReadonlyMap<string, BpfMap>;

  private constructor(object: BpfObject, maps: ReadonlyMap<string, BpfMap>, restored: boolean) {
    this.#object = object;
    this.#maps = maps;
    this.restored = restored;
  }

  /**
   * Throws ENGINE_UNAVAILABLE where the pinned maps have another layout, shape or size, or where the kernel refuses the programs. Maps
   * that were never put to use are made anew.
   */
  static load(objectFile: string, instance: Instance, sizes: TableSizes): LoadedDataPlane {
    const layout = pinnedLayout(instance);
    if (layout === 0) removePinnedMaps(instance);
    else requireLayout(instance, layout);
    const object = BpfObject.open(objectFile, 'vipr');
    const maps = new Map<string, BpfMap>();
    try {
      for (const [name, map] of sharedMaps(object)) {
        const size = SIZED_MAPS[name];
        if (size !== undefined) map.setMaxEntries(sizes[size]);
      }
      const reused = reusePinned(object, instance);
      try {
        object.load();
      } finally {
        for (const map of reused) map.close();
      }
      for (const [name, map] of sharedMaps(object)) {
        const path = join(instance.directory, name);
        if (!existsSync(path)) pin(map, path);
        maps.set(name, map.open());
      }
      return new LoadedDataPlane(object, maps, layout !== 0);
    } catch (error) {
      for (const map of maps.values()) map.close();
      object.close();
      throw error instanceof BpfError ? refused(error) : error;
    }
  }

  /** By its name in bpf/maps.h. The data plane closes it. */
  map(name: string): BpfMap {
    const map = this.#maps.get(name);
    if (map === undefined) throw new RangeError(`the data plane has no map ${name}`);
    return map;
  }

  get maps(): ReadonlyMap<string, BpfMap> {
    return this.#maps;
  }

  program(name: string): ObjectProgram {
    return this.#object.program(name);
  }

  /** What is attached and pinned goes on. */
  close(): void {
    for (const map of this.#maps.values()) map.close();
    this.#object.close();
  }
}

function refused(error: BpfError): ViprError {
  const memory = error.code === 'ENOMEM' || error.code === 'E2BIG';
  return new ViprError('ENGINE_UNAVAILABLE', `The kernel does not load the data plane: ${error.message}`, {
    cause: error,
    errno: error.code,
    hint: memory
      ? 'Set smaller sizes (connections, services, destinations) in the section ebpf of the configuration.'
      : "Use Linux 5.17 or later, or the engine 'relay', which needs nothing of it.",
  });
}
