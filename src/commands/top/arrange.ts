import type { Figures, ServiceRow } from './row.ts';

/** What rows can be sorted by: the name ascending, numbers from the largest down. */
export const SORT_ORDERS = ['connections', 'packets', 'bytes', 'active', 'name'] as const;
/** One of {@link SORT_ORDERS}. */
export type SortOrder = (typeof SORT_ORDERS)[number];

/** The rows whose names contain the text (all where it is empty), sorted, destinations within their services. */
export function arrange(rows: readonly ServiceRow[], order: SortOrder, filter: string): ServiceRow[] {
  const wanted = filter.toLowerCase();
  return rows
    .flatMap((row) => {
      if (row.service.toLowerCase().includes(wanted)) return [row];
      const destinations = row.destinations.filter(({ destination }) => destination.includes(wanted));
      return destinations.length === 0 ? [] : [{ ...row, destinations }];
    })
    .map((row) => ({
      ...row,
      destinations: row.destinations.toSorted((a, b) => compare(a, b, a.destination, b.destination, order)),
    }))
    .toSorted((a, b) => compare(a, b, a.service, b.service, order));
}

function compare(a: Figures, b: Figures, nameOfA: string, nameOfB: string, order: SortOrder): number {
  return figureOf(b, order) - figureOf(a, order) || names.compare(nameOfA, nameOfB);
}

/** 10.0.0.9 comes before 10.0.0.10. */
const names = new Intl.Collator('en', { numeric: true });

function figureOf({ traffic, activeConnections }: Figures, order: SortOrder): number {
  switch (order) {
    case 'connections':
      return traffic.connections;
    case 'packets':
      return traffic.inPackets + traffic.outPackets;
    case 'bytes':
      return traffic.inBytes + traffic.outBytes;
    case 'active':
      return activeConnections;
    case 'name':
      return 0;
    default:
      throw new Error(`unknown order ${order satisfies never}`);
  }
}
