import { promises } from 'node:fs';
import type { ConnectionEntry } from '../../model/connection.ts';
import { ViprError } from '../../model/error.ts';
import {
  type OriginatedConnectionEntry,
  parseConnection,
  parseSynchronisedConnection,
} from './connection-entry.ts';

/** Where the kernel lists connections, for the network namespace of who reads. */
const PROC_NET = '/proc/net';
/** Bytes that are asked for at once; the kernel gives some 4 KiB a time (fs/seq_file.c). */
const CHUNK_BYTES = 65536;
/** A line that grows beyond this is no line of these files: the longest has data of 255 bytes. */
const LONGEST_LINE = 4096;
/** Entries of a page, if as many are there. */
const PAGE_ENTRIES = 512;

/**
 * The connection table in pages, a few kilobytes of it in memory at a time. The kernel lists it while it lives: an entry that
 * stays is listed, others may be.
 *
 * @param directory where the file lies, for tests
 */
export function readConnections(directory = PROC_NET): AsyncIterable<readonly ConnectionEntry[]> {
  return readEntries(`${directory}/ip_vs_conn`, parseConnection);
}

/** As {@link readConnections}, with the origin of each entry and without data of persistence engines. */
export function readSynchronisedConnections(
  directory = PROC_NET,
): AsyncIterable<readonly OriginatedConnectionEntry[]> {
  return readEntries(`${directory}/ip_vs_conn_sync`, parseSynchronisedConnection);
}

/** The first line is a title. */
async function* readEntries<T>(
  path: string,
  parse: (line: string) => T | undefined,
): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  let title = true;
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const entry = title ? undefined : parse(line);
      title = false;
      if (entry !== undefined) page.push(entry);
    }
    if (page.length < PAGE_ENTRIES) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** The whole lines of each chunk; a chunk may end anywhere. */
async function* readLines(path: string): AsyncGenerator<readonly string[]> {
  const file = await open(path);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let begun = '';
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      // Data of clients may hold any byte; latin1 keeps each as one character, wherever a chunk ends.
      const lines = (begun + chunk.toString('latin1', 0, bytesRead)).split('\n');
      begun = lines.pop() ?? '';
      if (begun.length > LONGEST_LINE) begun = begun.slice(0, LONGEST_LINE);
      yield lines;
    }
    if (begun !== '') yield [begun];
  } finally {
    await file.close();
  }
}

async function open(path: string) {
  try {
    return await promises.open(path, 'r');
  } catch (cause) {
    throw new ViprError('ENGINE_UNAVAILABLE', `the connection table cannot be read: ${messageOf(cause)}`, {
      errno: codeOf(cause),
      hint: 'The file is there while the module ip_vs is loaded.',
      cause,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
}
