import type { Check } from '../../../model/check.ts';
import type { DestinationId } from '../../../model/destination.ts';
import type { DestinationMonitoring } from '../../../model/monitoring.ts';
import type { Milliseconds, Port, Weight } from '../../../model/unit.ts';
import type { Place } from '../place.ts';
import type { ProblemLog } from '../problem-log.ts';
import { Settings } from '../settings.ts';
import { endOf, type Statement } from '../statement.ts';
import { address, flag, hostName, INT_MAX, number, port, shown, UINT_MAX } from '../value.ts';
import type { BuildContext } from './build-context.ts';
import { CHECK_BUILDERS } from './check/check-registry.ts';
import { type InheritedTiming, inheritedTiming } from './check-timing.ts';
import { DEFAULT_FORWARDING, type Forwarding, forwarding } from './forwarding.ts';
import { scriptCommand } from './script-command.ts';

/** A server as it is written, before the ports of its service are known. */
export interface WrittenServer extends DestinationId, Forwarding {
  readonly place: Place;
  /** Where its method is given; absent where it is not. */
  readonly methodPlace?: Place;
  readonly weightPlace?: Place;
}

/** A `real_server`. */
export interface RealServer extends WrittenServer {
  readonly weight: Weight;
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  readonly monitoring: DestinationMonitoring;
}

/** What real servers have from their virtual server. */
export interface ServerDefaults {
  readonly timing: InheritedTiming;
  readonly serviceDelayLoop: Milliseconds;
  readonly weight: Weight;
  readonly inhibitOnFailure: boolean;
  readonly forwarding: Forwarding | undefined;
  readonly virtualHost?: string;
}

/** Reads a `real_server` (keepalived's check_parser.c, rs_handler). Undefined where its address is wrong. */
export function realServer(
  statement: Statement,
  defaults: ServerDefaults,
  context: BuildContext,
): RealServer | undefined {
  const { log } = context;
  const settings = new Settings(statement.body ?? [], log);
  const id = serverId(statement, context);
  const timing = inheritedTiming(settings, defaults.timing, log);
  const virtualHost = hostName(settings.last('virtualhost'), log) ?? defaults.virtualHost;
  const method = settings.last('lvs_method');
  const weight = settings.last('weight');
  const upperThreshold = number(settings.last('uthreshold'), 0, UINT_MAX, log) ?? 0;
  const lowerThreshold = lowerThresholdOf(settings.last('lthreshold'), upperThreshold, log);
  const notifyUp = scriptCommand(settings.first('notify_up'), context);
  const notifyDown = scriptCommand(settings.first('notify_down'), context);
  const checks = (statement.body ?? []).flatMap((checker): readonly Check[] => {
    const build = CHECK_BUILDERS[checker.keyword.text];
    if (build === undefined) return [];
    const { serviceDelayLoop } = defaults;
    const server = id ?? ANY_SERVER;
    return build(checker, new Settings(checker.body ?? [], log), {
      ...context,
      server,
      timing,
      serviceDelayLoop,
      ...(virtualHost !== undefined && { virtualHost }),
    });
  });
  const reached = forwarding(method, log) ?? defaults.forwarding ?? DEFAULT_FORWARDING;
  if (id === undefined) return undefined;
  return {
    ...id,
    ...reached,
    place: statement.keyword.place,
    ...(method !== undefined && { methodPlace: method.keyword.place }),
    ...(weight !== undefined && { weightPlace: weight.keyword.place }),
    weight: (number(weight, 0, INT_MAX, log) ?? defaults.weight) as Weight,
    upperThreshold,
    lowerThreshold,
    monitoring: {
      checks,
      inhibitOnFailure: flag(settings.last('inhibit_on_failure'), log) ?? defaults.inhibitOnFailure,
      connectionsOnFailure: 'purge',
      slowStart: 0 as Milliseconds,
      ...(notifyUp !== undefined && { notifyUp }),
      ...(notifyDown !== undefined && { notifyDown }),
    },
  };
}

/** IPVS looks at the lower threshold only where there is an upper one. */
function lowerThresholdOf(statement: Statement | undefined, upper: number, log: ProblemLog): number {
  const lower = number(statement, 0, UINT_MAX, log) ?? 0;
  if (statement === undefined || lower <= upper) return lower;
  const { place } = statement.keyword;
  if (upper === 0) log.warn(place, 'lthreshold has no effect without uthreshold');
  else log.error(place, `lthreshold ${lower} is above uthreshold ${upper}`);
  return 0;
}

/** Stands in where the address is wrong, so that the rest is read all the same. */
const ANY_SERVER = { address: '0.0.0.0', port: 0 } as DestinationId;

/** `ADDRESS [PORT]` of a real or a sorry server; port 0 is none. */
export function serverId(
  statement: Statement,
  { log }: Pick<BuildContext, 'log'>,
): DestinationId | undefined {
  const { keyword, values } = statement;
  const [ip, number_, extra] = values;
  if (extra !== undefined)
    log.warn(extra.place, `${shown(extra.text)} has no meaning after address and port`);
  if (ip === undefined) {
    log.error(endOf(statement), `${keyword.text} misses its address`);
    return undefined;
  }
  const parsed = address(ip, log);
  const parsedPort = number_ === undefined ? (0 as Port) : port(number_, 'none', log);
  return parsed === undefined || parsedPort === undefined ? undefined : { address: parsed, port: parsedPort };
}
