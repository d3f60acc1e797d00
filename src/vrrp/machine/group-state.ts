import type { VrrpState } from './virtual-router.ts';

/** The state of a sync group by those of its members; undefined while they are on their way from one to another. */
export function groupState(states: readonly VrrpState[]): VrrpState | undefined {
  if (states.includes('fault')) return 'fault';
  const [first] = states;
  return states.every((state) => state === first) ? first : undefined;
}
