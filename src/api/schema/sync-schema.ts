import { z } from 'zod';
import type { ConfiguredDaemon } from '../../model/configured-sync.ts';
import type {
  SyncBackupStatus,
  SyncMasterStatus,
  SyncOutcome,
  SyncSourceStatus,
} from '../../model/sync-status.ts';
import type { Synchronisation } from '../protocol.ts';
import { component } from './component.ts';
import { daemon } from './table-response-schema.ts';
import { address, count, time } from './value-schema.ts';

/** Connection synchronisation in answers. */

const OUTCOMES = [
  'added',
  'updated',
  'moved',
  'kept',
  'no-service',
  'no-destination',
  'unsupported',
  'table-full',
] as const satisfies readonly SyncOutcome[];

const master = component(
  'SyncMaster',
  daemon.extend({
    since: time,
    fault: z.string().exactOptional(),
    datagrams: count,
    records: count,
    bytes: count,
    discarded: count,
    sendErrors: count,
    tables: z.object({ sent: count, records: count }),
  }),
) satisfies z.ZodType<SyncMasterStatus>;

const source = component(
  'SyncSource',
  z.object({
    address,
    givesTable: z.boolean(),
    lastHeard: time,
    missed: count,
    table: z
      .object({
        state: z.enum(['running', 'complete', 'failed']),
        records: count,
        at: time,
        detail: z.string().exactOptional(),
      })
      .exactOptional(),
  }),
) satisfies z.ZodType<SyncSourceStatus>;

const backup = component(
  'SyncBackup',
  daemon.extend({
    since: time,
    fault: z.string().exactOptional(),
    datagrams: count,
    bytes: count,
    records: z.record(z.enum(OUTCOMES), count),
    dismissed: z.record(z.string(), count).describe('Counts by reason; those that never came are absent.'),
    masters: z.array(source),
    isSynchronised: z.boolean(),
    waitingFor: z.string().exactOptional(),
  }),
) satisfies z.ZodType<SyncBackupStatus>;

const configured = component(
  'ConfiguredDaemon',
  z.object({
    role: z.enum(['master', 'backup']).describe('What it is to be now.'),
    follow: z.string().exactOptional().describe('The VRRP instance that its role comes from.'),
    interface: z.string(),
    syncId: z.int().min(0).max(255),
    runs: z.boolean(),
    failure: z.object({ text: z.string(), since: time }).exactOptional().describe('Why it does not run.'),
  }),
) satisfies z.ZodType<ConfiguredDaemon>;

export const syncResponse = component(
  'Synchronisation',
  z.object({
    daemons: z.array(daemon),
    configured: z.array(configured),
    hold: z
      .string()
      .exactOptional()
      .describe('What VRRP waits for before it takes over from a living master.'),
    master: master.exactOptional(),
    backup: backup.exactOptional(),
  }),
) satisfies z.ZodType<Synchronisation>;
