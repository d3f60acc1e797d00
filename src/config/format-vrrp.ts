import type {
  Tracked,
  TrackScript,
  VirtualAddress,
  VirtualRoute,
  VirtualRule,
  VrrpGroupSettings,
  VrrpInstanceSettings,
  VrrpNotify,
  VrrpSettings,
} from '../model/vrrp.ts';
import { formatAddressPrefix } from './address-prefix.ts';
import { DEFAULT_INTERVALS } from './build-vrrp.ts';
import type { SyncSettings } from './config.ts';
import { formatDuration } from './duration.ts';
import { formatCommand } from './format-check.ts';
import { lines, type Writable } from './yaml-text.ts';

type Mapping = Readonly<Record<string, Writable | undefined>>;

/** The section `vrrp` as lines of a vipr.yaml; what has its default is left out. */
export function formatVrrp(vrrp: VrrpSettings): string[] {
  const { instances, groups, scripts, startupDelay, fifos } = vrrp;
  const inner = [
    ...lines(
      {
        ...(startupDelay !== 0 && { 'startup-delay': formatDuration(startupDelay) }),
        fifos: fifos?.map(({ path, reader }) => ({ path, reader: reader && formatCommand(reader) })),
      },
      2,
    ),
    ...list('scripts', scripts.map(formatScript), 2),
    ...list('instances', instances.map(formatInstance), 2),
    ...list('groups', groups.map(formatGroup), 2),
  ];
  return inner.length === 0 ? ['vrrp: {}'] : ['vrrp:', ...inner];
}

/** The section `sync`, likewise. */
export function formatSync(sync: readonly SyncSettings[]): string[] {
  const daemons = sync.map(({ role, interface: device, syncId, maxLength, ...rest }) => ({
    ...(typeof role === 'string' ? { role } : role),
    interface: device,
    id: syncId,
    ...rest,
    'max-length': maxLength,
  }));
  return daemons.length === 0 ? ['sync: []'] : list('sync', daemons, 0);
}

/** A key with a list of mappings, each of which begins with a dash. */
function list(key: string, members: readonly Mapping[], indent: number): string[] {
  if (members.length === 0) return [];
  const blanks = ' '.repeat(indent);
  return [
    `${blanks}${key}:`,
    ...members.flatMap((member) => {
      const [first = '', ...others] = lines(member);
      return [`${blanks}  - ${first}`, ...others.map((line) => `${blanks}    ${line}`)];
    }),
  ];
}

function formatInstance(instance: VrrpInstanceSettings): Mapping {
  const { version, advertisementInterval: interval, virtualMac, announcements } = instance;
  const routes = instance.routes.map(formatRoute);
  const rules = instance.rules.map(formatRule);
  return {
    name: instance.name,
    interface: instance.interface,
    id: instance.virtualRouterId,
    ...(version !== 3 && { version }),
    ...(instance.priority !== 100 && { priority: instance.priority }),
    ...(instance.initialState !== 'backup' && { state: instance.initialState }),
    ...(interval !== DEFAULT_INTERVALS[version] && { interval: formatDuration(interval) }),
    ...(!instance.preempt && { preempt: false }),
    ...(instance.preemptDelay !== 0 && { 'preempt-delay': formatDuration(instance.preemptDelay) }),
    addresses: instance.addresses.map(formatAddress),
    ...(instance.excludedAddresses.length > 0 && {
      'excluded-addresses': instance.excludedAddresses.map(formatAddress),
    }),
    ...(routes.length > 0 && { routes }),
    ...(rules.length > 0 && { rules }),
    'unicast-peers': instance.unicastPeers,
    source: instance.sourceAddress,
    password: instance.password,
    'virtual-mac': virtualMac && {
      interface: virtualMac.interface,
      ...(virtualMac.transmitBase && { 'transmit-base': true }),
    },
    ...(!instance.accept && { accept: false }),
    ...(!instance.checkAddresses && { 'check-addresses': false }),
    ...(!instance.pseudoHeaderChecksum && { 'pseudo-header-checksum': false }),
    ...unlessEmpty('announcements', formatAnnouncements(announcements)),
    ...(instance.untrackedInterface && { 'track-interface': false }),
    ...formatClaim(instance),
  };
}

function formatGroup(group: VrrpGroupSettings): Mapping {
  return { name: group.name, instances: group.instances, ...formatClaim(group) };
}

function formatScript(script: TrackScript): Mapping {
  const { name, command, interval, timeout, weight, rise, fall, initFail } = script;
  return {
    name,
    command: formatCommand(command),
    ...(interval !== 1000 && { interval: formatDuration(interval) }),
    ...(timeout !== interval && { timeout: formatDuration(timeout) }),
    ...(weight !== 0 && { weight }),
    ...(rise !== 1 && { rise }),
    ...(fall !== 1 && { fall }),
    ...(initFail && { 'init-fail': true }),
  };
}

function formatAnnouncements(announcements: VrrpInstanceSettings['announcements']): Mapping {
  const { delay, repeat, refresh, refreshRepeat, lowerPriorityDelay: lower } = announcements;
  return {
    ...(delay !== 5000 && { delay: formatDuration(delay) }),
    ...(repeat !== 5 && { repeat }),
    ...(refresh !== 0 && { refresh: formatDuration(refresh) }),
    ...(refreshRepeat !== 1 && { 'refresh-repeat': refreshRepeat }),
    ...(lower !== undefined && { 'lower-priority-delay': formatDuration(lower) }),
    'lower-priority-repeat': announcements.lowerPriorityRepeat,
  };
}

function formatAddress({ address, prefixLength, ...where }: VirtualAddress): Writable {
  const text = formatAddressPrefix({ address, prefixLength });
  return Object.keys(where).length === 0 ? text : { address: text, ...where };
}

function formatRoute({ destination, ...rest }: VirtualRoute): Mapping {
  return { to: destination && formatAddressPrefix(destination), ...rest };
}

function formatRule({ from, to, ...rest }: VirtualRule): Mapping {
  return { from: from && formatAddressPrefix(from), to: to && formatAddressPrefix(to), ...rest };
}

function formatClaim({ tracked, notify }: { tracked: readonly Tracked[]; notify: VrrpNotify }): Mapping {
  const commands = Object.entries(notify).map(([when, command]) => [when, formatCommand(command)]);
  return {
    ...(tracked.length > 0 && { track: tracked.map(formatTracked) }),
    ...(commands.length > 0 && { notify: Object.fromEntries(commands) as Mapping }),
  };
}

function formatTracked(tracked: Tracked): Mapping {
  const { kind, weight } = tracked;
  const reverse = 'reverse' in tracked && tracked.reverse === true ? { reverse: true } : {};
  switch (kind) {
    case 'interface':
    case 'process':
      return { [kind]: tracked.name, ...(weight !== 0 && { weight }), ...reverse };
    case 'script':
      return { script: tracked.name, weight, ...reverse };
    case 'file':
      return { file: tracked.path, ...(weight !== 1 && { weight }), ...reverse };
    case 'service':
      return { service: tracked.service, ...(weight !== 0 && { weight }) };
    default:
      kind satisfies never;
      throw new TypeError('something of an unknown kind is tracked');
  }
}

function unlessEmpty(key: string, mapping: Mapping): Mapping {
  return Object.values(mapping).some((value) => value !== undefined) ? { [key]: mapping } : {};
}
