import { type Family, familyOf, type IpAddress, parseIpAddress } from '../../../model/address.ts';
import type { Protocol, SchedulerFlags } from '../../../model/service.ts';
import { asPrefixLength, type PrefixLength, type Seconds } from '../../../model/unit.ts';
import { nearest } from '../../nearest.ts';
import type { ProblemLog } from '../problem-log.ts';
import type { Settings } from '../settings.ts';
import type { Statement } from '../statement.ts';
import { noMore, oneWord, present, shown, wholeNumber } from '../value.ts';
import type { Word } from '../word.ts';

/** keepalived's check_parser.c, lvs_schedulers. */
const SCHEDULERS: readonly string[] = [
  ...['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'sh', 'dh', 'mh', 'sed', 'nq', 'fo', 'ovf', 'twos'],
];
const DEFAULT_SCHEDULER = 'wlc';
/** keepalived's libipvs.h, IPVS_SVC_PERSISTENT_TIMEOUT, in seconds. */
const DEFAULT_PERSISTENCE = 360;
/** 31 days: keepalived's global_data.h, LVS_MAX_TIMEOUT. */
const LONGEST_PERSISTENCE = 86_400 * 31;
/** ip_vs.h, IP_VS_PENAME_MAXLEN less the zero at the end. */
const LONGEST_ENGINE_NAME = 15;

/** The scheduler's name. */
export function scheduler(statement: Statement | undefined, log: ProblemLog): string {
  const word = statement && oneWord(statement, log);
  if (word === undefined || SCHEDULERS.includes(word.text)) return word?.text ?? DEFAULT_SCHEDULER;
  const meant = nearest(word.text, SCHEDULERS);
  const proposal = meant === undefined ? `there are ${SCHEDULERS.join(', ')}` : `did you mean ${meant}?`;
  log.error(word, `${shown(word.text)} is not a scheduler; ${proposal}`);
  return DEFAULT_SCHEDULER;
}

/** `flag-1` and so on; names of sh and mh count with these schedulers only. */
export function schedulerFlags(settings: Settings, name: string, log: ProblemLog): SchedulerFlags {
  const has = (...flags: readonly string[]) => flags.some((flag) => present(settings.last(flag), log));
  for (const flag of ['sh-port', 'sh-fallback', 'mh-port', 'mh-fallback']) {
    const place = settings.all(flag)[0]?.keyword.place;
    if (place !== undefined && !flag.startsWith(`${name}-`)) {
      log.warn(place, `${flag} has no effect with the scheduler ${name}`);
    }
  }
  return {
    flag1: has('flag-1', ...(['sh', 'mh'].includes(name) ? [`${name}-fallback`] : [])),
    flag2: has('flag-2', ...(['sh', 'mh'].includes(name) ? [`${name}-port`] : [])),
    flag3: has('flag-3'),
  };
}

/** A protocol; undefined where none is given, or a wrong one. */
export function protocol(statement: Statement | undefined, log: ProblemLog): Protocol | undefined {
  const word = statement && oneWord(statement, log);
  if (word === undefined) return undefined;
  const name = word.text.toLowerCase();
  if (name === 'tcp' || name === 'udp' || name === 'sctp') return name;
  log.error(word, `must be TCP, UDP or SCTP, not ${shown(word.text)}`);
  return undefined;
}

/** `ip_family inet|inet6`. */
export function ipFamily(statement: Statement | undefined, log: ProblemLog): Family | undefined {
  const word = statement && oneWord(statement, log);
  if (word === undefined || word.text === 'inet' || word.text === 'inet6')
    return word?.text as Family | undefined;
  log.error(word, `must be inet or inet6, not ${shown(word.text)}`);
  return undefined;
}

/** How long, and by which part of their address, clients stay with their server. */
export interface Persistence {
  /** Absent where services are not persistent. */
  readonly timeout?: Seconds;
  readonly granularity?: {
    readonly mask: IpAddress | PrefixLength;
    readonly family: Family;
    readonly word: Word;
  };
  readonly engine?: string;
}

export function persistence(settings: Settings, log: ProblemLog): Persistence {
  const granularity = persistenceMask(settings.last('persistence_granularity'), log);
  const engine = engineName(settings.last('persistence_engine'), log);
  const given = settings.last('persistence_timeout');
  const word = given?.values[0];
  if (given !== undefined) noMore(given, 1, log);
  const seconds = word === undefined ? DEFAULT_PERSISTENCE : wholeNumber(word, 1, LONGEST_PERSISTENCE, log);
  const persistent = given !== undefined || granularity !== undefined;
  return {
    ...(persistent && { timeout: (seconds ?? DEFAULT_PERSISTENCE) as Seconds }),
    ...(granularity !== undefined && { granularity }),
    ...(engine !== undefined && { engine }),
  };
}

/** What a service on port 0 has, which has to be persistent. */
export const PORT_0_PERSISTENCE = DEFAULT_PERSISTENCE as Seconds;

/** A netmask, or the length of an IPv6 prefix. */
function persistenceMask(statement: Statement | undefined, log: ProblemLog): Persistence['granularity'] {
  const word = statement && oneWord(statement, log);
  if (word === undefined) return undefined;
  const mask = parseIpAddress(word.text);
  if (mask !== undefined && familyOf(mask) === 'inet') return { mask, family: 'inet', word };
  const length = /^[0-9]{1,3}$/.test(word.text) ? asPrefixLength(Number(word.text)) : undefined;
  if (length !== undefined) return { mask: length, family: 'inet6', word };
  log.error(
    word,
    `must be an IPv4 netmask such as 255.255.255.0, or an IPv6 prefix length from 1 to 128, not ${shown(word.text)}`,
  );
  return undefined;
}

function engineName(statement: Statement | undefined, log: ProblemLog): string | undefined {
  const word = statement && oneWord(statement, log);
  if (word === undefined) return undefined;
  if (/^\S+$/.test(word.text) && word.text.length <= LONGEST_ENGINE_NAME) return word.text;
  log.error(
    word,
    `must be the name of a persistence engine, of at most ${LONGEST_ENGINE_NAME} characters, not ${shown(word.text)}`,
  );
  return undefined;
}
