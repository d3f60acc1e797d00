import type { SyncRecord } from './message/sync-record.ts';

/** What tells a record's connection or template from others: records with equal keys are about the same one. */
export function flowKey(record: SyncRecord): string {
  const { protocol, clientAddress, clientPort, virtualAddress, virtualPort, persistence } = record;
  const flow = `${protocol} ${clientAddress} ${clientPort} ${virtualAddress} ${virtualPort}`;
  if (persistence === undefined) return flow;
  return `${flow} ${persistence.engine} ${Buffer.from(persistence.data).toString('latin1')}`;
}
