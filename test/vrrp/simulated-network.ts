import { newVirtualRouter, step } from '../../src/vrrp/machine/step.ts';
import type {
  VirtualRouter,
  VirtualRouterSettings,
  VrrpEvent,
} from '../../src/vrrp/machine/virtual-router.ts';

/** How badly packets fare. */
export interface Weather {
  /** Parts of one. */
  readonly loss: number;
  readonly duplication: number;
  /** Milliseconds; each packet takes up to this long, so that later ones overtake it. */
  readonly delay: number;
}

export const CALM: Weather = { loss: 0, duplication: 0, delay: 1 };

export interface SimulatedRouter {
  readonly settings: VirtualRouterSettings;
  readonly priority: number;
  /** Milliseconds of this router's clock in one of true time: 0.99 to 1.01, say. */
  readonly pace: number;
}

interface Node extends SimulatedRouter {
  router: VirtualRouter;
  /** Who hears whom: nodes of one part. */
  part: number;
  isAlive: boolean;
}

type Delivery = { readonly at: number; readonly to: number; readonly event: VrrpEvent };

/** Routers that hear one another over a network of chance, on a clock that jumps from event to event. */
export class SimulatedNetwork {
  now = 0;
  weather: Weather = CALM;
  /** Times at which a master heard of another one. */
  conflicts = 0;
  readonly #nodes: Node[];
  readonly #random: () => number;
  #packets: Delivery[] = [];

  constructor(routers: readonly SimulatedRouter[], random: () => number) {
    this.#random = random;
    this.#nodes = routers.map((each) => ({
      ...each,
      router: newVirtualRouter(each.settings, each.priority),
      part: 0,
      isAlive: false,
    }));
  }

  /** `isHeld`: from before its start, so that it leaves living masters alone. */
  start(index: number, isHeld = false): void {
    const node = this.#node(index);
    if (node.isAlive) return;
    node.isAlive = true;
    node.router = newVirtualRouter(node.settings, node.router.priority);
    if (isHeld) this.#happen(index, { kind: 'hold', isHeld });
    this.#happen(index, { kind: 'start' });
  }

  /** As SIGKILL does: nobody is told. */
  kill(index: number): void {
    this.#node(index).isAlive = false;
  }

  /** As a service manager does. */
  stop(index: number): void {
    if (!this.#node(index).isAlive) return;
    this.#happen(index, { kind: 'stop' });
    this.#node(index).isAlive = false;
  }

  tell(index: number, event: VrrpEvent): void {
    if (this.#node(index).isAlive) this.#happen(index, event);
  }

  /** Puts nodes into parts that do not hear one another. */
  partition(partOf: (index: number) => number): void {
    for (const [index, node] of this.#nodes.entries()) node.part = partOf(index);
  }

  /** Lets `milliseconds` of true time pass. */
  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const [at, happen] = this.#next();
      if (at > end) break;
      this.now = Math.max(this.now, at);
      happen();
    }
    this.now = end;
  }

  get routers(): readonly {
    readonly router: VirtualRouter;
    readonly isAlive: boolean;
    readonly part: number;
  }[] {
    return this.#nodes;
  }

  masters(part?: number): number[] {
    return this.#nodes.flatMap((node, index) =>
      node.isAlive && node.router.state === 'master' && (part === undefined || node.part === part)
        ? [index]
        : [],
    );
  }

  #next(): [number, () => void] {
    let [at, happen]: [number, () => void] = [Number.POSITIVE_INFINITY, () => {}];
    for (const [index, { router, isAlive, pace }] of this.#nodes.entries()) {
      if (!isAlive || router.deadline === undefined) continue;
      const due = router.deadline / pace;
      if (due < at) [at, happen] = [due, () => this.#happen(index, { kind: 'timeout' })];
    }
    for (const packet of this.#packets) {
      if (packet.at >= at) continue;
      at = packet.at;
      happen = () => {
        this.#packets = this.#packets.filter((other) => other !== packet);
        if (this.#node(packet.to).isAlive) this.#happen(packet.to, packet.event);
      };
    }
    return [at, happen];
  }

  #happen(index: number, event: VrrpEvent): void {
    const node = this.#node(index);
    // A hair later, so that a deadline that was divided and multiplied again is not missed.
    const { router, actions } = step(node.router, node.settings, event, this.now * node.pace + 1e-6);
    node.router = router;
    for (const action of actions) {
      if (action.kind === 'conflict') this.conflicts += 1;
      if (action.kind === 'advertise') this.#send(index, action.priority);
    }
  }

  #send(from: number, priority: number): void {
    const { part, settings } = this.#node(from);
    for (const [to, other] of this.#nodes.entries()) {
      if (to === from || other.part !== part) continue;
      for (let copies = this.#random() < this.weather.duplication ? 2 : 1; copies > 0; copies--) {
        if (this.#random() < this.weather.loss) continue;
        const at = this.now + this.#random() * this.weather.delay;
        const advertisement = { priority, interval: settings.interval };
        this.#packets.push({
          at,
          to,
          event: { kind: 'advertisement', advertisement, senderRank: from - to },
        });
      }
    }
  }

  #node(index: number): Node {
    const node = this.#nodes[index];
    if (node === undefined) throw new RangeError(`no router ${index}`);
    return node;
  }
}
