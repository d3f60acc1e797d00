import type { Synchronisation } from '../api/protocol.ts';
import type { ConfiguredDaemon } from '../model/configured-sync.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import { hostPort } from '../model/service.ts';
import type {
  SyncBackupStatus,
  SyncMasterStatus,
  SyncOutcome,
  SyncSourceStatus,
} from '../model/sync-status.ts';
import { following, formatMissing, missingSummary } from './format-configured-daemon.ts';
import { formatSeconds } from './format-drains.ts';
import { wrappedList } from './wrapped-list.ts';

export function syncJson(synchronisation: Synchronisation): string {
  return `${JSON.stringify(synchronisation, null, 2)}\n`;
}

/** Synchronisation for reading: each daemon that runs, or that should. `now` is in milliseconds since the epoch. */
export function formatSync(synchronisation: Synchronisation, now: number, colour: boolean): string {
  const { daemons, configured, hold, master, backup } = synchronisation;
  if (isEmpty(synchronisation)) return 'no synchronisation daemon runs, and none is configured\n';
  const blocks = daemons.map((daemon) => {
    const { role, interface: device, group, port, syncId } = daemon;
    const status = role === 'master' ? master : backup;
    const asked = configured.find((each) => each.role === role && each.runs);
    return [
      `${role}  ${howItIs(status, now, colour)}`,
      `  interface ${device}, sync ID ${syncId}, ${hostPort(group, port)}, TTL ${daemon.ttl}, at most ${daemon.maxLength} bytes`,
      ...(asked === undefined ? [] : [`  of the configuration${following(asked)}`]),
      ...(status?.fault === undefined ? [] : [`  FAULT: ${status.fault}`]),
      ...countsOf(daemon, synchronisation, now),
    ].join('\n');
  });
  const missing = missingOf(synchronisation).map((daemon) => formatMissing(daemon, now, colour));
  const held = hold === undefined ? [] : [`VRRP takes over from no living master, and waits for ${hold}`];
  return `${[...missing, ...blocks, ...held].join('\n\n')}\n`;
}

/** Whether nothing runs, and nothing should. */
export function isEmpty({ daemons, configured }: Synchronisation): boolean {
  return daemons.length + configured.length === 0;
}

/** `backup on eth1 does NOT run: interface eth1 does not exist; master on eth0; backup on eth0, NOT synchronised: waits for the whole table of 10.0.0.2` */
export function syncSummary(synchronisation: Synchronisation): string {
  const { daemons, master, backup } = synchronisation;
  const running = daemons.map(({ role, interface: device }) => {
    const fault = (role === 'master' ? master : backup)?.fault;
    const parts = [
      ...(role === 'backup' && backup !== undefined ? [synchronised(backup)] : []),
      ...(fault === undefined ? [] : [`FAULT: ${fault}`]),
    ];
    return [`${role} on ${device}`, ...parts].join(', ');
  });
  return [...missingOf(synchronisation).map(missingSummary), ...running].join('; ');
}

/** Whether the daemons of the configuration run, nothing keeps one from its work, and a backup has what there is to have. */
export function isSound(synchronisation: Synchronisation): boolean {
  const { master, backup } = synchronisation;
  const isFaulty = master?.fault !== undefined || backup?.fault !== undefined;
  return missingOf(synchronisation).length === 0 && !isFaulty && backup?.isSynchronised !== false;
}

function missingOf({ configured }: Synchronisation): readonly ConfiguredDaemon[] {
  return configured.filter(({ runs }) => !runs);
}

function howItIs(
  status: SyncMasterStatus | SyncBackupStatus | undefined,
  now: number,
  colour: boolean,
): string {
  if (status === undefined) return 'runs; its engine tells no counts';
  const runs = `runs for ${age(status.since, now)}`;
  if (!('isSynchronised' in status)) return runs;
  return `${runs}, ${painted(synchronised(status), status.isSynchronised, colour)}`;
}

function synchronised({ isSynchronised, waitingFor }: SyncBackupStatus): string {
  if (isSynchronised) return 'synchronised';
  return `NOT synchronised${waitingFor === undefined ? '' : `: waits for ${waitingFor}`}`;
}

function countsOf({ role }: SyncDaemon, { master, backup }: Synchronisation, now: number): string[] {
  if (role === 'master') return master === undefined ? [] : masterCounts(master);
  return backup === undefined ? [] : backupCounts(backup, now);
}

function masterCounts({
  records,
  datagrams,
  bytes,
  discarded,
  sendErrors,
  tables,
}: SyncMasterStatus): string[] {
  return [
    `  sent ${records} records in ${datagrams} datagrams, ${bytes} bytes`,
    `  never sent: ${discarded} records; refused by the system: ${sendErrors} datagrams`,
    `  whole tables sent: ${tables.sent}, with ${tables.records} records`,
  ];
}

/** What was done with a record, in the order in which it is told. */
const TAKEN: readonly SyncOutcome[] = ['added', 'updated', 'moved', 'kept'];

function backupCounts(backup: SyncBackupStatus, now: number): string[] {
  const { records, datagrams, bytes, dismissed, masters } = backup;
  const outcomes = Object.entries(records) as [SyncOutcome, number][];
  const all = outcomes.reduce((sum, [, count]) => sum + count, 0);
  const refused = outcomes.filter(([outcome, count]) => !TAKEN.includes(outcome) && count > 0);
  const told = (counts: readonly (readonly [string, number])[]) =>
    counts.map(([name, count]) => `${name} ${count}`);
  const unused = told(Object.entries(dismissed));
  return [
    `  received ${all} records in ${datagrams} datagrams, ${bytes} bytes`,
    ...wrappedList('  records:', told(TAKEN.map((outcome) => [outcome, records[outcome]]))),
    ...(refused.length === 0 ? [] : wrappedList('  records not taken:', told(refused))),
    ...(unused.length === 0 ? [] : wrappedList('  datagrams not used:', unused)),
    ...(masters.length === 0
      ? ['  has heard no master']
      : masters.flatMap((source) => formatSource(source, now))),
  ];
}

/** A master that was heard, and how the transfer of its whole table is. */
function formatSource(
  { address, givesTable, lastHeard, missed, table }: SyncSourceStatus,
  now: number,
): string[] {
  const tells = givesTable
    ? `missed ${missed} datagrams`
    : 'gives no table and tells of none that are missed';
  return [
    `  from ${address}, heard ${age(lastHeard, now)} ago, ${tells}`,
    ...(table === undefined ? [] : [`    whole table ${formatTransfer(table, now)}`]),
  ];
}

function formatTransfer(
  { state, records, at, detail }: NonNullable<SyncSourceStatus['table']>,
  now: number,
): string {
  switch (state) {
    case 'running':
      return `comes since ${age(at, now)}: ${records} records so far`;
    case 'complete':
      return `complete since ${age(at, now)}: ${records} records`;
    case 'failed':
      return `failed ${age(at, now)} ago, after ${records} records${detail === undefined ? '' : `: ${detail}`}`;
    default:
      throw new TypeError(`unknown state ${state satisfies never}`);
  }
}

function age(since: string, now: number): string {
  return formatSeconds(Math.floor((now - Date.parse(since)) / 1000));
}

/** ECMA-48, SGR: green and red. */
function painted(text: string, isFine: boolean, colour: boolean): string {
  return colour ? `\u001b[${isFine ? 32 : 31}m${text}\u001b[0m` : text;
}
