import type { RouteChange } from '../../netlink/route/route-watch.ts';
import type { Timers } from '../run-script.ts';
import { FollowedWatch, type WatchNetlink } from './followed-watch.ts';
import { VRRP_ROUTE_PROTOCOL } from './netlink-master-host.ts';

/** Tells of routes of VRRP and of rules that are deleted. A host may have very many routes: it is opened only where somebody asks for that. */
export class RouteAlarm {
  readonly #netlink: WatchNetlink;
  readonly #timers: Timers;
  readonly #onLoss: () => void;
  readonly #onFailure: (error: unknown) => void;
  #watch: FollowedWatch | undefined;
  #disarm: (() => void) | undefined;

  /** `onLoss` is called once for changes that come together; `onFailure` when nothing was learned for a while. */
  constructor(
    netlink: WatchNetlink,
    timers: Timers,
    { onLoss, onFailure }: { onLoss: () => void; onFailure: (error: unknown) => void },
  ) {
    this.#netlink = netlink;
    this.#timers = timers;
    this.#onLoss = onLoss;
    this.#onFailure = onFailure;
  }

  /** More than once does no harm. A failure is told. */
  open(): void {
    if (this.#watch !== undefined) return;
    this.#watch = new FollowedWatch(['route', 'rule'], {
      netlink: this.#netlink,
      timers: this.#timers,
      take: (change) => this.#take(change),
      onFailure: this.#onFailure,
    });
    this.#watch.open().catch(this.#onFailure);
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.#disarm?.();
    this.#disarm = undefined;
  }

  #take(change: RouteChange): void {
    if (!isLoss(change)) return;
    this.#disarm ??= this.#timers.after(0, () => {
      this.#disarm = undefined;
      this.#onLoss();
    });
  }
}

function isLoss(change: RouteChange): boolean {
  if (change.kind === 'route')
    return change.change === 'deleted' && change.route.protocol === VRRP_ROUTE_PROTOCOL;
  return change.kind === 'lost' || (change.kind === 'rule' && change.change === 'deleted');
}
