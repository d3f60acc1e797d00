import type { SyncDaemonSettings } from '../model/daemon.ts';
import type { Destination } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import type { SchedulerFlags, ServiceId, ServiceSettings } from '../model/service.ts';
import type { Timeouts } from '../model/table.ts';
import type { Port } from '../model/unit.ts';
import type { Command, ListColumns, ListStyle } from './command.ts';
import type { Draft } from './draft.ts';
import type { CommandName, OptionName } from './grammar.ts';

const DEFAULT_SCHEDULER = 'wlc';

/** The command that a checked draft stands for. The flags are those of `-b`, the timeouts those of `--set`. */
export function commandOf(
  name: CommandName,
  draft: Draft,
  schedulerFlags: SchedulerFlags,
  timeouts: Timeouts | undefined,
): Command {
  switch (name) {
    case 'add-service':
    case 'edit-service':
      return operation({
        kind: name,
        service: serviceOf(draft),
        settings: settingsOf(draft, schedulerFlags),
      });
    case 'delete-service':
      return operation({ kind: name, service: serviceOf(draft) });
    case 'add-server':
      return operation({
        kind: 'add-destination',
        service: serviceOf(draft),
        destination: destinationOf(draft),
      });
    case 'edit-server':
      return operation({
        kind: 'edit-destination',
        service: serviceOf(draft),
        destination: destinationOf(draft),
      });
    case 'delete-server':
      return operation({
        kind: 'delete-destination',
        service: serviceOf(draft),
        destination: draft.destination,
      });
    case 'flush':
      return operation({ kind: 'flush' });
    case 'zero':
      return operation(
        draft.given.has('service-address') ? { kind: 'zero', service: serviceOf(draft) } : { kind: 'zero' },
      );
    case 'set':
      if (timeouts === undefined) throw new Error('--set without timeouts');
      return operation({ kind: 'set-timeouts', timeouts });
    case 'start-daemon':
      return operation({ kind: 'start-daemon', daemon: daemonOf(draft) });
    case 'stop-daemon':
      return operation({ kind: 'stop-daemon', role: draft.role });
    case 'list':
      return listOf(draft);
    case 'save':
      return { kind: 'save', numeric: draft.given.has('numeric') };
    case 'restore':
      return { kind: 'restore' };
    default:
      throw new Error(`no command for ${name satisfies never}`);
  }
}

const operation = (value: Operation): Command => ({ kind: 'operation', operation: value });

function serviceOf(draft: Draft): ServiceId {
  const { fwmark, address, protocol, port, family } = draft;
  if (fwmark !== undefined) return { kind: 'fwmark', fwmark, family: family ?? 'inet' };
  if (address === undefined || protocol === undefined) throw new Error('a service without its address');
  return { kind: 'address', protocol, address, port };
}

function settingsOf(draft: Draft, schedulerFlags: SchedulerFlags): ServiceSettings {
  return {
    scheduler: draft.scheduler || DEFAULT_SCHEDULER,
    schedulerFlags,
    persistenceNetmask: draft.persistenceNetmask,
    onePacket: draft.onePacket,
    ...(draft.persistenceTimeout === undefined ? {} : { persistenceTimeout: draft.persistenceTimeout }),
    ...(draft.persistenceEngine === '' ? {} : { persistenceEngine: draft.persistenceEngine }),
  };
}

function destinationOf(draft: Draft): Destination {
  // direct routing and tunnels leave the packet's port as it is; a mark stands for no port
  const keepsPort = draft.forwarding !== 'masquerade' && draft.fwmark === undefined;
  const tunnel = { type: draft.tunnelType, port: draft.tunnelPort, checksum: draft.tunnelChecksum };
  return {
    address: draft.destination.address,
    port: keepsPort ? draft.port : draft.destination.port,
    forwarding: draft.forwarding,
    weight: draft.weight,
    upperThreshold: draft.upperThreshold,
    lowerThreshold: draft.lowerThreshold,
    tunnel: draft.tunnelType === 'gue' ? tunnel : { ...tunnel, port: 0 as Port },
  };
}

function daemonOf(draft: Draft): SyncDaemonSettings {
  return {
    role: draft.role,
    interface: draft.interface,
    syncId: draft.syncId,
    ...(draft.maxLength === undefined ? {} : { maxLength: draft.maxLength }),
    ...(draft.group === undefined ? {} : { group: draft.group }),
    ...(draft.daemonPort === undefined ? {} : { port: draft.daemonPort }),
    ...(draft.ttl === undefined ? {} : { ttl: draft.ttl }),
  };
}

/** Of several kinds of columns the first of these is shown. */
const COLUMNS = ['stats', 'rate', 'thresholds', 'persistent-conn', 'tun-info'] as const satisfies (
  | OptionName
  | ListColumns
)[];

function listOf(draft: Draft): Command {
  const { given } = draft;
  const numeric = given.has('numeric');
  if (given.has('connection')) {
    return { kind: 'list-connections', numeric, persistenceData: given.has('persistent-conn') };
  }
  if (given.has('timeout')) return { kind: 'list-timeouts' };
  if (given.has('daemon')) return { kind: 'list-daemons' };
  const style: ListStyle = {
    columns: COLUMNS.find((columns) => given.has(columns)) ?? 'standard',
    numeric,
    exact: given.has('exact'),
    sorted: !given.has('nosort'),
  };
  if (!given.has('service-address')) return { kind: 'list', style };
  return { kind: 'list', service: serviceOf(draft), style };
}
