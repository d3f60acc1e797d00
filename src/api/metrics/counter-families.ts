import type { Counters } from '../../model/statistics.ts';
import type { Family, LabelledRow } from './family.ts';

/** The five counters of a service or destination. */
export function counterFamilies<Row extends LabelledRow & { readonly counters: Counters }>(
  prefix: string,
  whose: string,
): readonly Family<Row>[] {
  const family = (name: string, what: string, counter: keyof Counters): Family<Row> => ({
    name: `${prefix}_${name}_total`,
    type: 'counter',
    help: `${what} ${whose}, since it was added or its counters were set to 0.`,
    value: ({ counters }) => counters[counter],
  });
  return [
    family('connections', 'Connections of', 'connections'),
    family('incoming_packets', 'Packets from clients of', 'inPackets'),
    family('outgoing_packets', 'Packets to clients of', 'outPackets'),
    family('incoming_bytes', 'Bytes from clients of', 'inBytes'),
    family('outgoing_bytes', 'Bytes to clients of', 'outBytes'),
  ];
}
