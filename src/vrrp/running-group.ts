import type { VrrpGroupSettings } from '../model/vrrp.ts';
import type { VrrpGroupStatus } from '../model/vrrp-status.ts';
import { groupState } from './machine/group-state.ts';
import { followGroup } from './machine/sync-group.ts';
import type { VrrpState } from './machine/virtual-router.ts';
import type { RunningInstance } from './running-instance.ts';

/** Instances that are master together, or one alone, which has no group settings. */
export class RunningGroup {
  readonly settings: VrrpGroupSettings | undefined;
  readonly members: readonly RunningInstance[];
  readonly #onState: (state: VrrpState, from: VrrpState) => void;
  #state: VrrpState;

  /** `state`: what it was before, where it goes on from an earlier configuration. */
  constructor(
    settings: VrrpGroupSettings | undefined,
    members: readonly RunningInstance[],
    onState: (state: VrrpState, from: VrrpState) => void,
    state: VrrpState = 'initialize',
  ) {
    this.settings = settings;
    this.members = members;
    this.#onState = onState;
    this.#state = state;
  }

  get state(): VrrpState {
    return this.#state;
  }

  /** A fault of one is a fault of all. */
  get faults(): readonly string[] {
    if (this.settings === undefined) return this.members.flatMap(({ faults }) => faults);
    return this.members.flatMap(({ settings, faults }) =>
      faults.map((fault) => `${settings.name}: ${fault}`),
    );
  }

  /** Begins, or goes into or out of FAULT, as its members allow. */
  settle(): void {
    const isFaulty = this.faults.length > 0;
    for (const member of this.members) member.settle(isFaulty);
    this.#note();
  }

  /** A member has entered a state: the others follow. */
  entered(member: RunningInstance, state: VrrpState): void {
    const index = this.members.indexOf(member);
    const following = followGroup(
      this.members.map(({ machine }) => machine.router.state),
      this.members.map(({ faults }) => faults.length > 0),
      { index, state },
    );
    for (const { index: which, event } of following) this.members[which]?.machine.handle(event);
    this.#note();
  }

  status(): VrrpGroupStatus | undefined {
    if (this.settings === undefined) return undefined;
    const { name, instances } = this.settings;
    return { name, state: this.#state, instances };
  }

  #note(): void {
    const state = groupState(this.members.map(({ machine }) => machine.router.state));
    if (state === undefined || state === this.#state) return;
    const from = this.#state;
    this.#state = state;
    this.#onState(state, from);
  }
}
