import { join } from 'node:path';
import { ViprError } from '../../../model/error.ts';
import { USUAL_BPF_FILE_SYSTEM } from '../../../system/bpf/bpf-file-system.ts';

/** Where instances are pinned unless somebody says otherwise. */
export const USUAL_BPF_DIRECTORY = join(USUAL_BPF_FILE_SYSTEM, 'vipr');
export const USUAL_INSTANCE = 'default';

/** One table with its programs: what is pinned under one directory. Several on a machine serve different interfaces. */
export interface Instance {
  readonly name: string;
  /** The directory of all instances. */
  readonly root: string;
  /** Maps lie in it by their names. */
  readonly directory: string;
  /** Of links and marks of filters, one directory for each network namespace. */
  readonly attachments: string;
}

export interface InstanceOptions {
  /** A directory on a BPF file system, or where one is to be mounted; `/sys/fs/bpf/vipr` unless given. */
  readonly bpfDirectory?: string | undefined;
  /** `default` unless given: letters, digits, `_` and `-`, at most 64. */
  readonly instance?: string | undefined;
}

/** Throws USAGE for names and paths that a BPF file system does not take. */
export function instanceOf({ bpfDirectory, instance }: InstanceOptions): Instance {
  const name = instance ?? USUAL_INSTANCE;
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw new ViprError('USAGE', `${JSON.stringify(name)} cannot be the name of an instance.`, {
      hint: 'It may have letters, digits, `_` and `-`, at most 64 of them.',
    });
  }
  const root = bpfDirectory ?? USUAL_BPF_DIRECTORY;
  if (!root.startsWith('/')) {
    throw new ViprError('USAGE', `The BPF directory ${JSON.stringify(root)} is not an absolute path.`, {
      hint: `Give one that begins with /, such as ${USUAL_BPF_DIRECTORY}.`,
    });
  }
  const directory = join(root, name);
  return { name, root, directory, attachments: join(directory, 'links') };
}

/** What `vipr down` needs to be told to find the instance, for hints. */
export function downCommand({ name, root }: Instance): string {
  const words = ['vipr down'];
  if (root !== USUAL_BPF_DIRECTORY) words.push(`--bpf-dir ${root}`);
  if (name !== USUAL_INSTANCE) words.push(`--instance ${name}`);
  return words.join(' ');
}
