import { addressFromBytes, type Family, type IpAddress } from '../../../model/address.ts';
import { SYNC_FLAGS, type SyncRecord } from '../../../sync/message/sync-record.ts';
import type { ConnectionRecord } from '../codec/connection-codec.ts';
import type { Flow } from '../codec/flow-codec.ts';
import {
  CONNECTION_ASSURED,
  CONNECTION_INACTIVE,
  CONNECTION_METHOD,
  CONNECTION_METHOD_SHIFT,
  CONNECTION_NO_OUTPUT,
  CONNECTION_STATE,
  CONNECTION_TEMPLATE,
} from '../layout.gen.ts';
import { TEMPLATE_ASSURED } from './template-state.ts';

/** An entry of the connection tables as IPVS tells it: `destination` is the address of its destination, `timeout` in seconds. */
export function syncRecordOf(
  family: Family,
  { protocol, client, clientPort, virtual, virtualPort }: Flow,
  { word, firewallMark, destinationPort }: ConnectionRecord,
  destination: IpAddress,
  timeout: number,
): SyncRecord {
  const ofMark = typeof virtual === 'number';
  return {
    protocol,
    clientAddress: client,
    clientPort,
    virtualAddress: ofMark ? addressOfMark(virtual, family) : virtual,
    virtualPort,
    destinationAddress: destination,
    destinationPort,
    fwmark: ofMark ? virtual : firewallMark,
    flags: flagsOf(word),
    state:
      (word & CONNECTION_TEMPLATE) === 0
        ? word & CONNECTION_STATE
        : (word & CONNECTION_ASSURED) === 0
          ? 0
          : TEMPLATE_ASSURED,
    // 0 says that it is not told.
    timeout: Math.max(1, timeout),
  };
}

function flagsOf(word: number): number {
  return (
    ((word & CONNECTION_METHOD) >>> CONNECTION_METHOD_SHIFT) |
    ((word & CONNECTION_NO_OUTPUT) === 0 ? 0 : SYNC_FLAGS.noOutput) |
    ((word & CONNECTION_INACTIVE) === 0 ? 0 : SYNC_FLAGS.inactive) |
    ((word & CONNECTION_TEMPLATE) === 0 ? 0 : SYNC_FLAGS.template)
  );
}

/** A firewall mark in the place of a template's virtual address: its first word, in network order (ip_vs_core.c, ip_vs_sched_persist). */
export function addressOfMark(mark: number, family: Family): IpAddress {
  const bytes = new Uint8Array(family === 'inet' ? 4 : 16);
  new DataView(bytes.buffer).setUint32(0, mark);
  return addressFromBytes(bytes);
}
