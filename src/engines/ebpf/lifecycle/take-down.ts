import { existsSync, rmdirSync, statSync } from 'node:fs';
import { ViprError } from '../../../model/error.ts';
import { RouteNetlink } from '../../../netlink/route/route-netlink.ts';
import { listHooks } from '../attach/device-hooks.ts';
import type { DeviceHook } from '../attach/hook.ts';
import { type AttachmentDirectory, allAttachments, removeAttachments } from './attachment-directory.ts';
import { explainDenial } from './explain-denial.ts';
import { downCommand, type Instance, type InstanceOptions, instanceOf } from './instance.ts';
import { lockInstance } from './lock-instance.ts';
import { namespaceExists, networkNamespace } from './network-namespace.ts';
import { removeDirectoryIfEmpty, removePinnedMaps } from './remove-pins.ts';

/**
 * Takes an instance's programs off the interfaces and removes its maps: its services, connections and counters are gone. Returns what was
 * removed, a sentence each; nothing where there was no instance. Throws DIRECTOR_RUNNING, PERMISSION_DENIED, USAGE.
 */
export async function takeDown(options: InstanceOptions): Promise<readonly string[]> {
  const instance = instanceOf(options);
  try {
    if (statSync(instance.directory, { throwIfNoEntry: false }) === undefined) return [];
    return await remove(instance);
  } catch (error) {
    throw explainDenial(error, instance);
  }
}

async function remove(instance: Instance): Promise<readonly string[]> {
  const lock = lockInstance(instance);
  try {
    const directories = allAttachments(instance);
    requireReach(instance, directories);
    const names = await interfaceNames();
    return [
      ...directories.flatMap((directory) => describe(directory, removeAttachments(directory), names)),
      ...removeMaps(instance),
    ];
  } finally {
    lock.release();
  }
}

/** Filters can only be taken off from inside their namespace; links from anywhere. */
function requireReach(instance: Instance, directories: readonly AttachmentDirectory[]): void {
  for (const { path, namespace } of directories) {
    if (namespace === networkNamespace() || !namespaceExists(namespace)) continue;
    if (!listHooks(path).some(({ hook }) => hook.startsWith('filter'))) continue;
    throw new ViprError(
      'USAGE',
      `The instance ${instance.name} has tc filters in another network namespace, net:[${namespace}].`,
      { hint: `Run \`${downCommand(instance)}\` there, such as by \`ip netns exec\`.` },
    );
  }
}

async function interfaceNames(): Promise<ReadonlyMap<number, string>> {
  const netlink = new RouteNetlink();
  try {
    return new Map((await netlink.links.list()).map(({ index, name }) => [index, name]));
  } finally {
    netlink.close();
  }
}

function describe(
  { namespace }: AttachmentDirectory,
  hooks: readonly DeviceHook[],
  names: ReadonlyMap<number, string>,
): readonly string[] {
  const own = namespace === networkNamespace();
  const byDevice = Map.groupBy(hooks, ({ index }) => index);
  return [...byDevice].map(([index, each]) => {
    const name = own ? names.get(index) : undefined;
    const where = name ?? `interface ${index}${own ? ', which is gone' : ` in net:[${namespace}]`}`;
    return `programs taken off ${where}: ${each.map(({ hook }) => hook.replace('-', ' ')).join(', ')}`;
  });
}

function removeMaps(instance: Instance): readonly string[] {
  const maps = removePinnedMaps(instance);
  if (existsSync(instance.attachments)) rmdirSync(instance.attachments);
  rmdirSync(instance.directory);
  removeDirectoryIfEmpty(instance.root);
  return [`${maps.length} maps and the directory ${instance.directory} removed`];
}
