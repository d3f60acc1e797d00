import type { Family } from '../../../model/address.ts';
import type { ServiceMonitoring } from '../../../model/monitoring.ts';
import type { Protocol, ServiceSettings } from '../../../model/service.ts';
import type { Weight } from '../../../model/unit.ts';
import type { Place } from '../place.ts';
import { Settings } from '../settings.ts';
import type { Statement } from '../statement.ts';
import { flag, hostName, INT_MAX, number, present } from '../value.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_TIMING, inheritedTiming } from './check-timing.ts';
import { DEFAULT_FORWARDING, type Forwarding, forwarding } from './forwarding.ts';
import { quorumOf } from './quorum.ts';
import { type RealServer, realServer, serverId, type WrittenServer } from './real-server.ts';
import { scriptCommand } from './script-command.ts';
import type { ServerGroup } from './server-group.ts';
import { familyOfServers, serviceAddresses } from './service-address.ts';
import {
  ipFamily,
  type Persistence,
  PORT_0_PERSISTENCE,
  persistence,
  protocol,
  scheduler,
  schedulerFlags,
} from './service-settings.ts';

/** A `virtual_server`, of which each address becomes a service. */
export interface VirtualServer {
  readonly place: Place;
  readonly addresses: ServerGroup;
  readonly isGroup: boolean;
  readonly protocol: Protocol;
  /** Of its marks without a family. */
  readonly family: Family;
  readonly settings: Pick<ServiceSettings, 'scheduler' | 'schedulerFlags' | 'onePacket'>;
  readonly schedulerPlace?: Place;
  readonly enginePlace?: Place;
  readonly persistence: Persistence;
  readonly servers: readonly RealServer[];
  readonly sorryServer?: SorryServerAsWritten;
  readonly monitoring: Pick<
    ServiceMonitoring,
    'quorum' | 'hysteresis' | 'alpha' | 'omega' | 'quorumUp' | 'quorumDown'
  >;
}

export interface SorryServerAsWritten extends WrittenServer {
  readonly inhibit: boolean;
}

/** Reads a `virtual_server` (keepalived's check_parser.c). Undefined where it is wrong, or has no real servers. */
export function virtualServer(statement: Statement, context: BuildContext): VirtualServer | undefined {
  const { log } = context;
  const { place } = statement.keyword;
  const settings = new Settings(statement.body ?? [], log);
  const target = serviceAddresses(statement, context);
  const reached = forwarding(settings.last('lvs_method', 'lb_kind'), log);
  const servers = realServers(settings, reached, context);
  const sorryServer = sorryServerOf(settings, reached, context);
  const kept = persistence(settings, log);
  const schedulerGiven = settings.last('lvs_sched', 'lb_algo');
  const name = scheduler(schedulerGiven, log);
  const engine = settings.all('persistence_engine').at(-1);
  const quorumUp = scriptCommand(settings.first('quorum_up'), context);
  const quorumDown = scriptCommand(settings.first('quorum_down'), context);
  const quorum = quorumOf(settings, totalWeight(servers), log);
  present(settings.last('alpha'), log);
  const built = {
    place,
    settings: { scheduler: name, schedulerFlags: schedulerFlags(settings, name, log) },
    ...(schedulerGiven !== undefined && { schedulerPlace: schedulerGiven.keyword.place }),
    ...(engine !== undefined && { enginePlace: engine.keyword.place }),
    servers,
    ...(sorryServer !== undefined && { sorryServer }),
    monitoring: {
      ...quorum,
      alpha: isLostAtStart(servers, quorum),
      omega: present(settings.last('omega'), log),
      ...(quorumUp !== undefined && { quorumUp }),
      ...(quorumDown !== undefined && { quorumDown }),
    },
  };
  const given = protocol(settings.last('protocol'), log);
  const family = ipFamily(settings.last('ip_family'), log);
  const onePacket = present(settings.last('ops'), log);
  if (!settings.has('real_server')) {
    log.warn(place, 'virtual_server has no real servers: it is left out, as by keepalived');
    return undefined;
  }
  if (target === undefined) return undefined;
  const named = target.addresses.some(({ kind }) => kind === 'address');
  const taken = given ?? 'udp';
  const told = { settings, place, context };
  tellProtocol(named, given, told);
  return {
    ...built,
    ...target,
    protocol: taken,
    family: family ?? kept.granularity?.family ?? familyOfServers(serversOf(built), target.isGroup),
    settings: { ...built.settings, onePacket: onePacket && onePacketFits(named, taken, told) },
    persistence: persistentWherePort0(target.addresses, kept, told),
  };
}

function totalWeight(servers: readonly RealServer[]): number {
  return servers.reduce((sum, { weight }) => sum + weight, 0);
}

/** Whether what serves before the first check is not enough: servers in alpha mode do not (keepalived's check_data.c, set_quorum_states). */
function isLostAtStart(
  servers: readonly RealServer[],
  { quorum, hysteresis }: Pick<ServiceMonitoring, 'quorum' | 'hysteresis'>,
): boolean {
  const alive = servers.filter(({ monitoring }) => monitoring.checks.every(({ timing }) => !timing.alpha));
  return totalWeight(alive) < quorum + hysteresis;
}

/** Whom messages about a whole virtual server go to. */
interface Told {
  readonly settings: Settings;
  readonly place: Place;
  readonly context: BuildContext;
}

function serversOf({
  servers,
  sorryServer,
}: Pick<VirtualServer, 'servers' | 'sorryServer'>): readonly WrittenServer[] {
  return sorryServer === undefined ? servers : [sorryServer, ...servers];
}

function realServers(
  settings: Settings,
  reached: Forwarding | undefined,
  context: BuildContext,
): RealServer[] {
  const { log } = context;
  const timing = inheritedTiming(settings, DEFAULT_TIMING, log);
  const virtualHost = hostName(settings.last('virtualhost'), log);
  const defaults = {
    timing,
    serviceDelayLoop: timing.delayLoop,
    weight: (number(settings.last('weight'), 1, INT_MAX, log) ?? 1) as Weight,
    inhibitOnFailure: flag(settings.last('inhibit_on_failure'), log) ?? false,
    forwarding: reached,
    ...(virtualHost !== undefined && { virtualHost }),
  };
  return settings.all('real_server').flatMap((statement): RealServer[] => {
    const server = realServer(statement, defaults, context);
    return server === undefined ? [] : [server];
  });
}

function sorryServerOf(
  settings: Settings,
  reached: Forwarding | undefined,
  context: BuildContext,
): SorryServerAsWritten | undefined {
  const { log } = context;
  const statement = settings.last('sorry_server');
  const method = settings.last('sorry_server_lvs_method');
  const inhibit = settings.last('sorry_server_inhibit');
  const own = forwarding(method, log);
  const id = statement && serverId(statement, context);
  if (statement === undefined) {
    for (const without of [method, inhibit]) {
      if (without !== undefined) {
        log.warn(without.keyword.place, `${without.keyword.text} has no effect without sorry_server`);
      }
    }
  }
  if (statement === undefined || id === undefined) return undefined;
  return {
    ...id,
    ...(own ?? reached ?? DEFAULT_FORWARDING),
    place: statement.keyword.place,
    inhibit: present(inhibit, log),
  };
}

function tellProtocol(named: boolean, given: Protocol | undefined, { settings, place, context }: Told): void {
  const statement = settings.all('protocol').at(-1);
  if (named && statement === undefined) {
    context.log.warn(place, 'virtual_server has no protocol: it becomes UDP, as by keepalived');
  }
  if (!named && given !== undefined && statement !== undefined) {
    context.log.warn(
      statement.keyword.place,
      'protocol has no effect: a firewall mark stands for any protocol',
    );
  }
}

/** Only datagrams can be scheduled one by one. */
function onePacketFits(named: boolean, taken: Protocol, { settings, place, context }: Told): boolean {
  if (!named || taken === 'udp') return true;
  const { place: at } = settings.all('ops')[0]?.keyword ?? { place };
  context.log.warn(
    at,
    `ops has no effect with ${taken.toUpperCase()}: one-packet scheduling is for UDP and firewall marks`,
  );
  return false;
}

/** A service on all ports of its address has to be persistent. */
function persistentWherePort0(
  addresses: ServerGroup,
  kept: Persistence,
  { place, context }: Told,
): Persistence {
  const all = addresses.some((each) => each.kind === 'address' && each.port === 0);
  if (!all || kept.timeout !== undefined) return kept;
  context.log.warn(
    place,
    `virtual_server without a port takes all ports, which needs persistence: it becomes ${PORT_0_PERSISTENCE} s`,
  );
  return { ...kept, timeout: PORT_0_PERSISTENCE };
}
