import { masterDownInterval, skewTime } from './timing.ts';
import {
  GIVING_UP,
  type Step,
  type VirtualRouter,
  type VirtualRouterSettings,
  type VrrpAction,
  type VrrpEvent,
} from './virtual-router.ts';

type Heard = Extract<VrrpEvent, { readonly kind: 'advertisement' }>;

/** How long a master that was silent for too long hears what came meanwhile: it is in the sockets, so that this is plenty. */
const DOUBT_INTERVALS = 1 / 8;

/** A virtual router that was not started. */
export function newVirtualRouter(settings: VirtualRouterSettings, priority: number): VirtualRouter {
  return { state: 'initialize', priority, masterInterval: settings.interval };
}

/**
 * What a virtual router is after an event at `now` (milliseconds of a monotonic clock), and what is to be done: the state machine of
 * RFC 9568 section 6.4, with keepalived's FAULT and preemption delay, with a hold, and with a master's doubt. It has no other input and no effects.
 */
export function step(
  router: VirtualRouter,
  settings: VirtualRouterSettings,
  event: VrrpEvent,
  now: number,
): Step {
  switch (event.kind) {
    case 'start':
      return router.state === 'initialize' ? started(router, settings, now) : unchanged(router);
    case 'stop':
      return left(router, settings, 'initialize');
    case 'fault':
      return router.state === 'initialize'
        ? { router: { ...router, state: 'fault' }, actions: entered(router, 'fault') }
        : left(router, settings, 'fault');
    case 'recover':
      return router.state === 'fault' ? started(router, settings, now) : unchanged(router);
    case 'priority':
      return reprioritised(router, settings, event.priority, now);
    case 'timeout':
      return timedOut(router, settings, now);
    case 'advertisement':
      return heard(router, settings, event, now);
    case 'hold':
      return held(router, settings, event.isHeld, now);
    case 'become-master':
      return router.state === 'backup' ? becameMaster(router, settings, now) : unchanged(router);
    case 'become-backup':
      return router.state === 'master' ? becameBackup(router, settings, now) : unchanged(router);
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
  }
}

/** The owner of the addresses, and whoever is to begin as master, is it at once; a master of higher priority ends that. */
function started(router: VirtualRouter, settings: VirtualRouterSettings, now: number): Step {
  const fresh = { ...router, masterInterval: settings.interval };
  if (settings.isOwner || (settings.initialState === 'master' && mayPreempt(router, settings)))
    return becameMaster(fresh, settings, now);
  return becameBackup(fresh, settings, now);
}

function timedOut(router: VirtualRouter, settings: VirtualRouterSettings, now: number): Step {
  if (router.deadline === undefined || router.deadline > now) return unchanged(router);
  if (router.state === 'backup') return becameMaster(router, settings, now);
  if (router.state !== 'master') return unchanged(router);
  if (isOverdue(router, settings, now))
    return unchanged({ ...router, isInDoubt: true, deadline: now + settings.interval * DOUBT_INTERVALS });
  const { isInDoubt: _, ...rest } = router;
  return {
    router: { ...rest, deadline: now + settings.interval },
    actions: [{ kind: 'advertise', priority: router.priority }],
  };
}

/**
 * Whether a master was silent for so long that backups may have taken over, as one that was stopped, or whose machine was. It hears what
 * came meanwhile before it speaks, since whoever did take over knows more of what happened.
 */
function isOverdue({ deadline }: VirtualRouter, settings: VirtualRouterSettings, now: number): boolean {
  return !settings.isOwner && deadline !== undefined && now >= deadline + 2 * settings.interval;
}

function heard(router: VirtualRouter, settings: VirtualRouterSettings, event: Heard, now: number): Step {
  if (router.state === 'backup') return heardByBackup(router, settings, event, now);
  if (router.state === 'master') return heardByMaster(router, settings, event, now);
  return unchanged(router);
}

function heardByBackup(
  router: VirtualRouter,
  settings: VirtualRouterSettings,
  { advertisement: { priority, interval } }: Heard,
  now: number,
): Step {
  if (priority === GIVING_UP) {
    const { preemptAt: _, ...rest } = router;
    return { router: { ...rest, deadline: now + skewTime(router, settings) }, actions: [] };
  }
  const isLower = priority < router.priority;
  const preemptAt =
    isLower && mayPreempt(router, settings) ? (router.preemptAt ?? now + settings.preemptDelay) : undefined;
  // Not a master any more, as far as this router is concerned: its patience goes on running out.
  if (preemptAt !== undefined && preemptAt <= now) return { router: { ...router, preemptAt }, actions: [] };
  const { preemptAt: _, ...rest } = router;
  const masterInterval = settings.version === 3 ? interval : settings.interval;
  const next = { ...rest, masterInterval, ...(preemptAt !== undefined && { preemptAt }) };
  return { router: { ...next, deadline: now + masterDownInterval(next, settings) }, actions: [] };
}

function heardByMaster(
  router: VirtualRouter,
  settings: VirtualRouterSettings,
  { advertisement: { priority, interval }, senderRank }: Heard,
  now: number,
): Step {
  const again: VrrpAction = { kind: 'advertise', priority: router.priority };
  const next = { ...router, deadline: now + settings.interval };
  if (priority === GIVING_UP) return { router: next, actions: [again] };
  const conflict: VrrpAction = { kind: 'conflict', priority };
  const wasReplaced = router.isInDoubt === true || isOverdue(router, settings, now);
  if (wasReplaced || priority > router.priority || (priority === router.priority && senderRank > 0)) {
    const masterInterval = settings.version === 3 ? interval : settings.interval;
    const { router: backup, actions } = becameBackup({ ...router, masterInterval }, settings, now);
    // Once more, for the other one to know that there were two, and to tell the neighbours again where the addresses are.
    return { router: backup, actions: [conflict, ...(wasReplaced ? [] : [again]), ...actions] };
  }
  // The other one hears it and gives way, and the switches learn where the addresses are (RFC 9568 section 6.4.3).
  return { router: next, actions: [conflict, again, { kind: 'announce', because: 'lower-priority' }] };
}

/** A backup that was about to preempt finds out anew whether the master lives. */
function held(router: VirtualRouter, settings: VirtualRouterSettings, isHeld: boolean, now: number): Step {
  const { isHeld: _, ...rest } = router;
  if (!isHeld) return unchanged(rest);
  const next: VirtualRouter = { ...rest, isHeld };
  if (settings.isOwner || router.preemptAt === undefined) return unchanged(next);
  const { preemptAt: __, ...waiting } = next;
  return unchanged({ ...waiting, deadline: now + masterDownInterval(next, settings) });
}

function mayPreempt({ isHeld }: VirtualRouter, { preempt, isOwner }: VirtualRouterSettings): boolean {
  return preempt && (isHeld === undefined || isOwner);
}

/** A backup waits as long as its new priority has it wait, from the last advertisement on. */
function reprioritised(
  router: VirtualRouter,
  settings: VirtualRouterSettings,
  priority: number,
  now: number,
): Step {
  const next = { ...router, priority };
  if (router.state !== 'backup' || router.deadline === undefined) return { router: next, actions: [] };
  const shift = skewTime(next, settings) - skewTime(router, settings);
  return { router: { ...next, deadline: Math.max(now, router.deadline + shift) }, actions: [] };
}

function becameMaster(router: VirtualRouter, settings: VirtualRouterSettings, now: number): Step {
  const { preemptAt: _, ...rest } = router;
  return {
    router: { ...rest, state: 'master', deadline: now + settings.interval },
    actions: [
      { kind: 'advertise', priority: router.priority },
      { kind: 'take-addresses' },
      ...entered(router, 'master'),
    ],
  };
}

function becameBackup(router: VirtualRouter, settings: VirtualRouterSettings, now: number): Step {
  const { preemptAt: _, isInDoubt: __, ...rest } = router;
  return {
    router: { ...rest, state: 'backup', deadline: now + masterDownInterval(router, settings) },
    actions: [
      ...(router.state === 'master' ? [{ kind: 'give-addresses' } as const] : []),
      ...entered(router, 'backup'),
    ],
  };
}

/** Leaves the election. A master gives the addresses back before it says that others may have them. */
function left(router: VirtualRouter, settings: VirtualRouterSettings, state: 'initialize' | 'fault'): Step {
  if (router.state === state) return unchanged(router);
  const { deadline: _, preemptAt: __, isInDoubt: ___, ...rest } = router;
  return {
    router: { ...rest, state, masterInterval: settings.interval },
    actions: [
      ...(router.state === 'master'
        ? ([{ kind: 'give-addresses' }, { kind: 'advertise', priority: GIVING_UP }] as const)
        : []),
      ...entered(router, state),
    ],
  };
}

function entered(router: VirtualRouter, state: VirtualRouter['state']): VrrpAction[] {
  return [{ kind: 'entered', state, from: router.state }];
}

function unchanged(router: VirtualRouter): Step {
  return { router, actions: [] };
}
