import type { ConnectionEntry } from '../../model/connection.ts';
import { RequestInvalidError } from '../problem.ts';
import type { ConnectionsResponse } from '../protocol.ts';
import { type ConnectionFilter, matches } from './connection-filter.ts';

/** Which page of the connection table is asked for. */
export interface PageRequest extends ConnectionFilter {
  /** Entries, from 1. */
  readonly limit: number;
  /** `next` of the page before; absent for the first one. */
  readonly cursor?: string;
}

interface Keyed {
  readonly key: string;
  readonly entry: ConnectionEntry;
}

/**
 * One page of a table that comes in no order and changes all the time. Entries are ordered by what identifies them, and a cursor is
 * the identity of the last one that was given: an entry that is there from the first page to the last one is on exactly one of
 * them, whatever comes and goes meanwhile. Each page reads the whole table, and keeps twice a page of it.
 */
export async function readConnectionPage(
  pages: AsyncIterable<readonly ConnectionEntry[]>,
  { limit, cursor, ...filter }: PageRequest,
): Promise<ConnectionsResponse> {
  const after = cursor === undefined ? '' : decodeCursor(cursor);
  let least: Keyed[] = [];
  // One more than the page has, to know whether there is a next one.
  const wanted = limit + 1;
  for await (const page of pages) {
    for (const entry of page) {
      if (!matches(entry, filter)) continue;
      const key = keyOf(entry);
      if (key <= after) continue;
      least.push({ key, entry });
      if (least.length >= 2 * wanted) least = firstOf(least, wanted);
    }
  }
  least = firstOf(least, wanted);
  const last = least.length > limit ? least[limit - 1] : undefined;
  return {
    connections: least.slice(0, limit).map(({ entry }) => entry),
    ...(last !== undefined && { next: encodeCursor(last.key) }),
  };
}

function firstOf(entries: Keyed[], count: number): Keyed[] {
  entries.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  // The same entry may come twice while the table changes under its reader.
  return entries.filter(({ key }, index) => key !== entries[index - 1]?.key).slice(0, count);
}

/** What identifies an entry. Its state and its time are not part of that: they change. */
function keyOf(entry: ConnectionEntry): string {
  const { virtualAddress } = entry;
  return [
    entry.protocol,
    typeof virtualAddress === 'string' ? virtualAddress : `fwmark ${virtualAddress.fwmark}`,
    entry.virtualPort,
    entry.clientAddress,
    entry.clientPort,
    entry.destinationAddress,
    entry.destinationPort,
    entry.persistenceEngine ?? '',
    entry.persistenceData ?? '',
  ].join(' ');
}

/** By which a cursor of another version of the order would be told. */
const MARK = 'v1:';

function encodeCursor(key: string): string {
  return Buffer.from(MARK + key).toString('base64url');
}

function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  if (text.startsWith(MARK)) return text.slice(MARK.length);
  const message = 'must be the `next` of a page';
  throw new RequestInvalidError(`The parameter cursor ${message}.`, [{ path: 'cursor', message }]);
}
