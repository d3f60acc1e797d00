import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ViprError } from '../../../model/error.ts';
import { BpfMap } from '../../../system/bpf/bpf-map.ts';
import type { BpfObject } from '../../../system/bpf/bpf-object.ts';
import type { ObjectMap } from '../../../system/bpf/object-map.ts';
import { openPinned } from '../../../system/bpf/pin.ts';
import { OFFSET, VIPR_LAYOUT } from '../layout.gen.ts';
import { downCommand, type Instance } from './instance.ts';
import { SIZED_MAPS, type TableSizes } from './table-sizes.ts';

/** The layout that the instance's maps have: 0 where none has been put to use, in whatever state a crash left them. */
export function pinnedLayout({ directory }: Instance): number {
  const path = join(directory, 'settings');
  if (!existsSync(path)) return 0;
  const settings = BpfMap.fromDescriptor(openPinned(path));
  try {
    const value = settings.lookup(new Uint8Array(settings.keySize));
    return value === undefined ? 0 : new DataView(value.buffer).getUint32(OFFSET.settings.layout, true);
  } finally {
    settings.close();
  }
}

/** The sizes that the instance's maps have, where there are any that are in use. */
export function pinnedSizes(instance: Instance): TableSizes | undefined {
  if (pinnedLayout(instance) !== VIPR_LAYOUT) return undefined;
  const entries = (name: string): number | undefined => {
    const path = join(instance.directory, name);
    if (!existsSync(path)) return undefined;
    const map = BpfMap.fromDescriptor(openPinned(path));
    map.close();
    return map.maxEntries;
  };
  const connections = entries('connections4');
  const services = entries('services');
  const destinations = entries('destinations');
  if (connections === undefined || services === undefined || destinations === undefined) return undefined;
  return { connections, services, destinations };
}

/** Throws ENGINE_UNAVAILABLE for maps of another version. */
export function requireLayout(instance: Instance, layout: number): void {
  if (layout === VIPR_LAYOUT) return;
  throw new ViprError(
    'ENGINE_UNAVAILABLE',
    `The maps at ${instance.directory} have layout ${layout}, and this version of vipr has layout ${VIPR_LAYOUT}.`,
    {
      hint:
        `Run the version of vipr that made them, or give them up with \`${downCommand(instance)}\`: ` +
        'that ends their connections.',
    },
  );
}

/**
 * Has the object use the maps that are pinned, before it is loaded. Throws ENGINE_UNAVAILABLE where one has another shape or size than
 * is asked for. Returns what the caller closes after the load.
 */
export function reusePinned(object: BpfObject, instance: Instance): readonly BpfMap[] {
  const opened: BpfMap[] = [];
  try {
    for (const [name, map] of sharedMaps(object)) {
      const path = join(instance.directory, name);
      if (!existsSync(path)) continue;
      const pinned = BpfMap.fromDescriptor(openPinned(path));
      opened.push(pinned);
      requireFit(pinned, map, instance);
      map.reuse(pinned);
    }
    return opened;
  } catch (error) {
    for (const map of opened) map.close();
    throw error;
  }
}

/** All that both sides know; sections of constants belong to one load. */
export function sharedMaps(object: BpfObject): ReadonlyMap<string, ObjectMap> {
  return new Map([...object.maps].filter(([name]) => !name.startsWith('.')));
}

function requireFit(pinned: BpfMap, wanted: ObjectMap, instance: Instance): void {
  const { name } = wanted;
  const away = `give the pinned maps up with \`${downCommand(instance)}\`: that ends their connections.`;
  if (
    pinned.type !== wanted.type ||
    pinned.keySize !== wanted.keySize ||
    valueSizeOf(pinned) !== valueSizeOf(wanted)
  ) {
    throw new ViprError(
      'ENGINE_UNAVAILABLE',
      `The map ${join(instance.directory, name)} has another shape than this version of vipr gives it.`,
      { hint: `Run the version of vipr that made it, or ${away}` },
    );
  }
  if (pinned.maxEntries === wanted.maxEntries) return;
  const size = SIZED_MAPS[name];
  throw new ViprError(
    'ENGINE_UNAVAILABLE',
    `The map ${join(instance.directory, name)} has room for ${pinned.maxEntries} entries, not for ${wanted.maxEntries}.`,
    {
      hint:
        size === undefined
          ? `To get other maps, ${away}`
          : `Set ${size}: ${pinned.maxEntries} in the section ebpf of the configuration, or ${away}`,
    },
  );
}

/** Of one CPU; per-CPU maps round it up to 8 bytes on this side. */
function valueSizeOf({ valueSize, ...map }: Pick<BpfMap, 'valueSize'> & { readonly cpus?: number }): number {
  return Math.ceil(valueSize / (map.cpus ?? 1) / 8) * 8;
}
