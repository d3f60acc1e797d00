import type { DestinationKey } from '../../model/destination.ts';
import type { ServiceKey } from '../../model/service.ts';
import type { LiveDestination } from './live-destination.ts';

/** How often the trash is looked through, and how long a destination must be idle to leave it (IP_VS_DEST_TRASH_PERIOD). */
const SWEEP_PERIOD_MS = 60_000;
const IDLE_PERIOD_MS = 120_000;

/**
 * Deleted destinations that connections may still refer to (ip_vs_ctl.c, ip_vs_dest_trash). Adding the same address and
 * port again to a service of the same identity brings the object back with its connections.
 */
export class DestinationTrash {
  readonly #entries = new Map<
    string,
    { readonly destination: LiveDestination; idleSince: number | undefined }
  >();
  #nextSweep = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#entries.size;
  }

  put(destination: LiveDestination, now: number): void {
    if (this.#entries.size === 0) this.#nextSweep = now + SWEEP_PERIOD_MS;
    this.#entries.set(entryKey(destination.service.key, destination.key), {
      destination,
      idleSince: undefined,
    });
  }

  take(service: ServiceKey, destination: DestinationKey): LiveDestination | undefined {
    const key = entryKey(service, destination);
    const found = this.#entries.get(key)?.destination;
    this.#entries.delete(key);
    return found;
  }

  isDue(now: number): boolean {
    return now >= this.#nextSweep;
  }

  /**
   * Does nothing until a sweep is due. A sweep drops what an earlier one, at least 120 s ago, found idle already, and tells
   * `forgotten`.
   */
  sweep(now: number, forgotten?: (destination: LiveDestination) => void): void {
    if (!this.isDue(now)) return;
    this.#nextSweep = now + SWEEP_PERIOD_MS;
    for (const [key, entry] of this.#entries) {
      if (isReferenced(entry.destination)) continue;
      if (entry.idleSince === undefined) entry.idleSince = now;
      else if (now - entry.idleSince >= IDLE_PERIOD_MS) {
        this.#entries.delete(key);
        forgotten?.(entry.destination);
      }
    }
  }
}

function entryKey(service: ServiceKey, destination: DestinationKey): string {
  return `${service} -> ${destination}`;
}

function isReferenced(destination: LiveDestination): boolean {
  return (
    destination.activeConnections + destination.inactiveConnections + destination.persistentConnections > 0
  );
}
