import type { VrrpEvent, VrrpState } from './virtual-router.ts';

/** What another instance of the group has to be told. */
export interface Following {
  readonly index: number;
  readonly event: VrrpEvent;
}

/**
 * What the other instances of a sync group do when one of them has entered a state: they are master together, or not at all. A fault of one
 * is a fault of all until each is without one, which `faults` tells: whether an instance has a fault of its own.
 */
export function followGroup(
  states: readonly VrrpState[],
  faults: readonly boolean[],
  entered: { readonly index: number; readonly state: VrrpState },
): readonly Following[] {
  const others = [...states.keys()].filter((index) => index !== entered.index);
  const tell = (
    kind: 'become-master' | 'become-backup' | 'fault' | 'recover',
    state: VrrpState,
  ): Following[] =>
    others.filter((index) => states[index] === state).map((index) => ({ index, event: { kind } }));
  switch (entered.state) {
    case 'master':
      return tell('become-master', 'backup');
    case 'backup':
      return faults.includes(true) ? [] : [...tell('become-backup', 'master'), ...tell('recover', 'fault')];
    case 'fault':
      return [...tell('fault', 'backup'), ...tell('fault', 'master')];
    case 'initialize':
      return [];
    default:
      throw new TypeError(`unknown state ${entered.state satisfies never}`);
  }
}
