/** A file or directory of an initial RAM file system. */
export interface CpioEntry {
  /** Relative to the root, without a leading slash. */
  readonly path: string;
  /** Type and permission bits, such as 0o100755. */
  readonly mode: number;
  readonly content?: Uint8Array;
}

export const DIRECTORY = 0o040755;
export const EXECUTABLE = 0o100755;
export const FILE = 0o100644;

/** The entries as a cpio archive in the format "newc" (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). */
export function cpioArchive(entries: readonly CpioEntry[]): Uint8Array {
  const trailer: CpioEntry = { path: 'TRAILER!!!', mode: 0 };
  return Buffer.concat([...entries, trailer].flatMap((entry, index) => record(entry, index + 1)));
}

function record({ path, mode, content = new Uint8Array() }: CpioEntry, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}
