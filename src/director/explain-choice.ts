import type { IpAddress } from '../model/address.ts';
import type { Service } from '../model/service.ts';
import type { Port } from '../model/unit.ts';
import { isEligible } from '../scheduling/eligible.ts';
import { connectionOverhead, expectedOverhead } from '../scheduling/overhead.ts';
import { findScheduler } from '../scheduling/registry.ts';
import type { Candidate } from './explain-candidates.ts';

/** Whom a scheduler would choose now. */
export interface ExplainedChoice {
  /** Absent where nobody. */
  readonly chosen: Candidate | undefined;
  readonly certain: boolean;
  /** Sentences. */
  readonly reasons: readonly string[];
}

export interface ExplainedClient {
  readonly address: IpAddress;
  readonly port?: Port;
}

/** What a scheduler's choice hangs on besides the list of destinations. */
type Dependence = 'list' | 'turn' | 'chance' | 'memory' | 'client' | 'virtual';

const DEPENDENCE: Readonly<Record<string, Dependence>> = {
  rr: 'turn',
  wrr: 'turn',
  lc: 'list',
  wlc: 'list',
  sed: 'list',
  nq: 'list',
  fo: 'list',
  ovf: 'list',
  lblc: 'memory',
  lblcr: 'memory',
  sh: 'client',
  mh: 'client',
  dh: 'virtual',
  twos: 'chance',
};

/** The choice of the service's scheduler, by the rule that engines go by, over what is known from outside. */
export function explainChoice(
  service: Service,
  candidates: readonly Candidate[],
  client: ExplainedClient,
): ExplainedChoice {
  const { scheduler, schedulerFlags } = service;
  const definition = findScheduler(scheduler);
  if (definition === undefined) {
    return { chosen: undefined, certain: true, reasons: [`The scheduler ${scheduler} chooses nobody.`] };
  }
  const virtualAddress = service.id.kind === 'address' ? service.id.address : undefined;
  // A draw of 0 falls on the first: whoever is likelier is found by weight below.
  const bound = definition.bind(
    { destinations: candidates, schedulerFlags },
    { now: () => 0, random: () => 0 },
  );
  const request = {
    clientAddress: client.address,
    clientPort: client.port ?? (0 as Port),
    virtualAddress: virtualAddress ?? client.address,
  };
  const eligible = candidates.filter(isEligible);
  const dependence = DEPENDENCE[scheduler] ?? 'memory';
  const likely = dependence === 'turn' || dependence === 'chance';
  const chosen = likely ? likeliest(scheduler, eligible) : bound.schedule(request);
  const doubt = doubtOf(dependence, service, eligible.length, client.port);
  const unsure = candidates.filter((candidate) => candidate.unsure && candidate.weight > 0);
  const thresholds =
    unsure.length === 0
      ? []
      : ['Whether a destination between its two thresholds takes connections, the counts alone do not tell.'];
  const told = chosen === undefined && doubt === undefined ? nobody(dependence, eligible.length) : [];
  return {
    chosen,
    certain: doubt === undefined && unsure.length === 0,
    reasons: [
      `Scheduler ${scheduler}: ${RULE[scheduler] ?? 'it chooses'}.`,
      ...told,
      ...list(doubt),
      ...thresholds,
    ],
  };
}

/** How a destination ranks, for people. */
export function rankOf({ scheduler }: Service, candidates: readonly Candidate[]): (one: Candidate) => string {
  const eligible = candidates.filter(isEligible);
  const total = eligible.reduce((sum, { weight }) => sum + weight, 0);
  return (candidate) => {
    const { weight } = candidate;
    switch (scheduler) {
      case 'rr':
        return `1 of ${eligible.length} turns`;
      case 'wrr':
        return `${weight} of ${total} turns`;
      case 'lc':
        return `score ${connectionOverhead(candidate)}`;
      case 'wlc':
      case 'twos':
      case 'lblc':
      case 'lblcr':
        return `score ${rounded(connectionOverhead(candidate) / weight)}`;
      case 'sed':
      case 'nq':
        return `score ${rounded(expectedOverhead(candidate) / weight)}`;
      default:
        return `weight ${weight}`;
    }
  };
}

const RULE: Readonly<Record<string, string>> = {
  rr: 'everybody in turn',
  wrr: 'everybody in turn, as often as its weight says',
  lc: 'the fewest connections, an active one counting as 256',
  wlc: 'the fewest connections for its weight, an active one counting as 256',
  sed: 'the fewest active connections for its weight, the new one included',
  nq: 'the first that has no active connection, else the fewest for its weight',
  fo: 'the greatest weight',
  ovf: 'the greatest weight that has no more active connections than that',
  lblc: 'the one that the virtual address went to last, unless it is busy, else as wlc',
  lblcr: 'one of those that the virtual address went to, unless all are busy, else as wlc',
  sh: "by the client's address",
  mh: "by the client's address, in Maglev's table",
  dh: 'by the virtual address',
  twos: 'two that are drawn by lot, and of them the fewer connections for its weight',
};

function likeliest(scheduler: string, eligible: readonly Candidate[]): Candidate | undefined {
  if (scheduler === 'rr') return eligible[0];
  return eligible.reduce<Candidate | undefined>((best, each) => {
    return best === undefined || each.weight > best.weight ? each : best;
  }, undefined);
}

/** Why the choice is not certain; undefined where it is. */
function doubtOf(
  dependence: Dependence,
  { id, scheduler, schedulerFlags }: Service,
  eligible: number,
  port: Port | undefined,
): string | undefined {
  switch (dependence) {
    case 'list':
      return undefined;
    case 'turn':
      return eligible < 2 ? undefined : 'Whose turn it is, is known where packets are alone.';
    case 'chance':
      return eligible < 2 ? undefined : 'Lots are drawn anew for each connection.';
    case 'memory':
      return 'Where the virtual address went before, is known where packets are alone.';
    case 'client':
      if (!schedulerFlags.flag2 || port !== undefined) return undefined;
      return `The flag ${scheduler}-port is set, so that it takes the client's port to tell.`;
    case 'virtual':
      return id.kind === 'address'
        ? undefined
        : 'The address that packets are for does not follow from the mark.';
    default:
      throw new TypeError(`unknown dependence ${dependence satisfies never}`);
  }
}

function nobody(dependence: Dependence, eligible: number): string[] {
  if (eligible === 0) return ['No destination takes new connections.'];
  const hashed = dependence === 'client' || dependence === 'virtual';
  if (!hashed) return ['Every destination has as many connections as it takes.'];
  return [
    'The hash leads to a destination that takes no new connections, and sh, mh and dh choose no other.',
  ];
}

function rounded(score: number): string {
  return String(Math.round(score * 100) / 100);
}

function list(sentence: string | undefined): string[] {
  return sentence === undefined ? [] : [sentence];
}
