import { familyOf } from '../../../model/address.ts';
import type { SyncOutcome } from '../../../model/sync-status.ts';
import type { Port } from '../../../model/unit.ts';
import { SYNC_FLAGS, type SyncRecord } from '../../../sync/message/sync-record.ts';
import type { ContextRun } from '../../../system/bpf/context-run.ts';
import { protocolOfNumber, viewOf } from '../codec/address-codec.ts';
import { METHOD_NUMBER } from '../codec/destination-codec.ts';
import type { Flow } from '../codec/flow-codec.ts';
import type { SettingsRecord } from '../codec/settings-codec.ts';
import { readSyncResult, type SyncPutRecord, writeSyncPut } from '../codec/sync-codec.ts';
import * as layout from '../layout.gen.ts';
import { markOf, type SyncDestinations } from './sync-destinations.ts';
import { TEMPLATE_ASSURED, TEMPLATE_STATES } from './template-state.ts';

export interface SyncPutModules {
  readonly destinations: SyncDestinations;
  /** The program `vipr_sync_put`, run on a `struct sync_put`. */
  readonly program: ContextRun;
  readonly settings: () => SettingsRecord;
}

/** Seconds of a template that does not tell its own, as in version 0 (ip_vs_sync.c, ip_vs_proc_conn). */
const TEMPLATE_SECONDS = 180;
const MOST_JIFFIES = 0x7fff_ffff;
const UDP_STATES = 1;

/** Puts what other directors tell into the connection tables. */
export class SyncPut {
  readonly #modules: SyncPutModules;
  readonly #view: DataView;
  #settings: SettingsRecord;

  constructor(modules: SyncPutModules) {
    this.#modules = modules;
    this.#view = viewOf(modules.program.context);
    this.#settings = modules.settings();
  }

  /** To be called when the table or its timeouts changed. */
  tableChanged(): void {
    this.#settings = this.#modules.settings();
  }

  /** Throws a BpfError where the program cannot be run. */
  put(record: SyncRecord): SyncOutcome {
    if (!isSupported(record)) return 'unsupported';
    const found = this.#modules.destinations.find(record);
    if (typeof found === 'string') return found;
    const { program } = this.#modules;
    writeSyncPut(
      program.context,
      this.#view,
      this.#entryOf(record, found.slot, METHOD_NUMBER[found.settings.forwarding]),
    );
    program.run();
    return outcomeOf(readSyncResult(this.#view));
  }

  /** The method is that of the destination here, which may not be what it is there. */
  #entryOf(record: SyncRecord, destination: number, method: number): SyncPutRecord {
    const { flags, state, fwmark, destinationPort } = record;
    const isTemplate = (flags & SYNC_FLAGS.template) !== 0;
    const word =
      (isTemplate ? 0 : state) |
      (method << layout.CONNECTION_METHOD_SHIFT) |
      (flags & SYNC_FLAGS.inactive || isTemplate ? layout.CONNECTION_INACTIVE : 0) |
      (flags & SYNC_FLAGS.noOutput ? layout.CONNECTION_NO_OUTPUT : 0) |
      (isTemplate ? layout.CONNECTION_TEMPLATE : 0) |
      (isTemplate && (state & TEMPLATE_ASSURED) !== 0 ? layout.CONNECTION_ASSURED : 0);
    return {
      family: familyOf(record.clientAddress),
      flow: flowOf(record, isTemplate),
      timeout: Math.min(this.#timeoutOf(record, isTemplate), MOST_JIFFIES),
      destination,
      destinationPort,
      word,
      packets: this.#settings.syncThreshold,
      firewallMark: fwmark,
    };
  }

  #timeoutOf({ protocol, state, timeout }: SyncRecord, isTemplate: boolean): number {
    const { hz, expireTcp, expireSctp, expireUdp } = this.#settings;
    if (timeout > 0) return timeout * hz;
    if (isTemplate) return TEMPLATE_SECONDS * hz;
    switch (protocolOfNumber(protocol)) {
      case 'tcp':
        return expireTcp[state] ?? 0;
      case 'sctp':
        return expireSctp[state] ?? 0;
      default:
        return expireUdp;
    }
  }
}

/** What cannot be an entry here: protocols and states that are unknown, persistence engines, clients whose port is not known yet. */
function isSupported({ protocol, state, flags, persistence }: SyncRecord): boolean {
  if (persistence !== undefined || (flags & SYNC_FLAGS.noClientPort) !== 0) return false;
  if ((flags & SYNC_FLAGS.template) !== 0) {
    return state < TEMPLATE_STATES && (protocol === 0 || protocolOfNumber(protocol) !== undefined);
  }
  switch (protocolOfNumber(protocol)) {
    case 'tcp':
      return state < layout.TCP_STATES;
    case 'sctp':
      return state < layout.SCTP_STATES;
    case 'udp':
      return state < UDP_STATES;
    case undefined:
      return false;
  }
}

function flowOf(record: SyncRecord, isTemplate: boolean): Flow {
  const { clientAddress, virtualAddress, protocol } = record;
  const ofMark = protocol === 0;
  return {
    client: clientAddress,
    clientPort: (isTemplate ? 0 : record.clientPort) as Port,
    virtual: ofMark ? markOf(record, familyOf(clientAddress)) : virtualAddress,
    virtualPort: (ofMark ? 0 : record.virtualPort) as Port,
    protocol,
    kind: ofMark ? layout.FLOW_MARK_TEMPLATE : isTemplate ? layout.FLOW_TEMPLATE : layout.FLOW_CONNECTION,
  };
}

function outcomeOf(result: number): SyncOutcome {
  switch (result) {
    case layout.SYNC_ADDED:
      return 'added';
    case layout.SYNC_UPDATED:
      return 'updated';
    case layout.SYNC_MOVED:
      return 'moved';
    case layout.SYNC_KEPT:
      return 'kept';
    case layout.SYNC_FULL:
      return 'table-full';
    case layout.SYNC_GONE:
      return 'no-destination';
    default:
      throw new RangeError(`vipr_sync_put answered ${result}`);
  }
}
