import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { ViprError } from '../../../model/error.ts';
import { detachHook, listHooks } from '../attach/device-hooks.ts';
import type { DeviceHook } from '../attach/hook.ts';
import { downCommand, type Instance } from './instance.ts';
import { namespaceExists, networkNamespace } from './network-namespace.ts';

/** Where the links of one network namespace are pinned. */
export interface AttachmentDirectory {
  readonly path: string;
  /** The inode of the namespace. */
  readonly namespace: number;
}

export function ownAttachments({ attachments }: Instance): AttachmentDirectory {
  const namespace = networkNamespace();
  return { path: join(attachments, `net-${namespace}`), namespace };
}

export function allAttachments({ attachments }: Instance): readonly AttachmentDirectory[] {
  if (!existsSync(attachments)) return [];
  return readdirSync(attachments).flatMap((name) => {
    const [, inode] = /^net-(\d+)$/.exec(name) ?? [];
    return inode === undefined ? [] : { path: join(attachments, name), namespace: Number(inode) };
  });
}

/**
 * Forgets namespaces that are gone, and throws ENGINE_UNAVAILABLE where the instance is attached in another one: its next hops would be
 * those of this one.
 */
export function requireOwnNamespace(instance: Instance): void {
  const own = networkNamespace();
  for (const directory of allAttachments(instance)) {
    if (directory.namespace === own || listHooks(directory.path).length === 0) continue;
    if (namespaceExists(directory.namespace)) {
      throw new ViprError(
        'ENGINE_UNAVAILABLE',
        `The instance ${instance.name} is attached in another network namespace, net:[${directory.namespace}].`,
        {
          hint: `Name another instance with --instance, or remove that one with \`${downCommand(instance)}\`.`,
        },
      );
    }
    removeAttachments(directory);
  }
}

/** Detaches all that is pinned in the directory, and removes it; returns what was there. */
export function removeAttachments({ path, namespace }: AttachmentDirectory): readonly DeviceHook[] {
  const hooks = listHooks(path);
  const own = namespace === networkNamespace();
  for (const where of hooks) detachHook(path, where, own);
  rmdirSync(path);
  return hooks;
}
