import type { Check } from '../../model/check.ts';
import { type Destination, destinationKey } from '../../model/destination.ts';
import type { HealthState } from '../../model/health.ts';
import type { Monitoring, ServiceMonitoring } from '../../model/monitoring.ts';
import { type Service, serviceKey } from '../../model/service.ts';
import type { Table } from '../../model/table.ts';
import type { Verdict } from '../checker.ts';

/**
 * What the health monitor does with one configuration, said as slowly and plainly as possible: it keeps the results of all rounds, and
 * works out everything from them each time. Without slow start.
 */
export class ReferenceMonitor {
  readonly #table: Table;
  readonly #monitoring: Monitoring;
  /** Results of each check, the oldest first. */
  readonly #rounds = new Map<string, Verdict[]>();
  readonly #quorum = new Map<Service, HealthState>();
  readonly #sorry = new Set<Service>();
  readonly #told: string[] = [];

  constructor(table: Table, monitoring: Monitoring) {
    this.#table = table;
    this.#monitoring = monitoring;
    for (const service of this.#watched()) {
      const { alpha, quorum, hysteresis, sorryServer } = this.#of(service);
      const starts = this.#alive(service) >= quorum + hysteresis;
      this.#quorum.set(service, starts && !alpha ? 'up' : 'down');
      if (!starts && sorryServer) this.#told.push(`quorum ${serviceKey(service.id)} down`);
      this.#settle(service);
    }
  }

  /** What was told since the last call. */
  told(): string[] {
    return this.#told.splice(0);
  }

  /** One more round of a check, which several services may have. */
  round(check: Check, destination: Destination, verdict: Verdict): void {
    const before = new Map(this.#watched().map((service) => [service, this.#states(service)]));
    const key = nameOf(check, destination);
    const wasDown = this.#checkState(check, destination) === 'down';
    const rounds = this.#rounds.get(key) ?? [];
    this.#rounds.set(key, [...rounds, verdict]);
    const isDown = this.#checkState(check, destination) === 'down';
    for (const [service, states] of before) {
      const has = service.destinations.some(
        (each) =>
          destinationKey(each) === destinationKey(destination) &&
          this.#checks(service, each).some((one) => nameOf(one, each) === key),
      );
      if (!has) continue;
      const name = destinationKey(destination);
      const after = this.#states(service).get(name);
      if (after !== states.get(name)) this.#told.push(`destination ${name} ${after}`);
      else if (isDown && (!wasDown || rounds.length === 0)) this.#told.push(`check-failed ${name}`);
      this.#settle(service);
    }
  }

  /** The effective destinations of a service, as `ADDRESS:PORT=WEIGHT`. */
  effective(service: Service): string[] {
    const { sorryServer, destinations } = this.#of(service);
    const replaced = sorryServer !== undefined && this.#quorum.get(service) === 'down';
    const sorryKey = sorryServer && destinationKey(sorryServer.destination);
    const twice = service.destinations.some((each) => destinationKey(each) === sorryKey);
    const real = service.destinations.flatMap((destination) => {
      const key = destinationKey(destination);
      if (replaced && key === sorryKey) return [];
      const up = this.#states(service).get(key) === 'up';
      if (up && !replaced) return [`${key}=${this.#weight(service, destination)}`];
      return destinations.get(key)?.inhibitOnFailure ? [`${key}=0`] : [];
    });
    if (sorryServer === undefined) return real;
    if (replaced) return [`${sorryKey}=${sorryServer.destination.weight}`, ...real];
    return sorryServer.inhibit && !twice ? [`${sorryKey}=0`, ...real] : real;
  }

  #watched(): Service[] {
    return this.#table.services.filter(({ id }) => this.#monitoring.has(serviceKey(id)));
  }

  #of(service: Service): ServiceMonitoring {
    const monitoring = this.#monitoring.get(serviceKey(service.id));
    if (monitoring === undefined) throw new Error('not watched');
    return monitoring;
  }

  #checks(service: Service, destination: Destination): readonly Check[] {
    return this.#of(service).destinations.get(destinationKey(destination))?.checks ?? [];
  }

  /** The last row of results that is long enough decides. */
  #checkState({ timing, ...check }: Check, destination: Destination): HealthState {
    const rounds = this.#rounds.get(nameOf({ timing, ...check }, destination)) ?? [];
    for (let end = rounds.length; end > 0; end--) {
      const rises = rounds.slice(Math.max(0, end - timing.rise), end);
      if (rises.length === timing.rise && rises.every(({ good }) => good)) return 'up';
      const falls = rounds.slice(Math.max(0, end - timing.fall), end);
      if (falls.length === timing.fall && falls.every(({ good }) => !good)) return 'down';
    }
    return timing.alpha && rounds[0]?.good !== true ? 'down' : 'up';
  }

  #states(service: Service): Map<string, HealthState> {
    return new Map(
      service.destinations.map((destination) => {
        const checks = this.#checks(service, destination);
        const down = checks.some((check) => this.#checkState(check, destination) === 'down');
        return [destinationKey(destination), down ? 'down' : 'up'];
      }),
    );
  }

  /** The configured weight, shifted by the last good result of each check. */
  #weight(service: Service, destination: Destination): number {
    let weight: number = destination.weight;
    for (const check of this.#checks(service, destination)) {
      const last = this.#rounds.get(nameOf(check, destination))?.findLast(({ good }) => good);
      if (last?.good && last.weight) {
        weight += 'add' in last.weight ? last.weight.add : last.weight.set - destination.weight;
      }
    }
    return Math.max(0, weight);
  }

  #alive(service: Service): number {
    const states = this.#states(service);
    const up = service.destinations.filter((destination) => states.get(destinationKey(destination)) === 'up');
    return up.reduce((sum, destination) => sum + this.#weight(service, destination), 0);
  }

  #settle(service: Service): void {
    const { quorum, hysteresis, sorryServer } = this.#of(service);
    const alive = this.#alive(service);
    const key = serviceKey(service.id);
    const before = this.#quorum.get(service);
    if (before === 'up' && (alive === 0 || alive < quorum - hysteresis)) this.#quorum.set(service, 'down');
    if (before === 'down' && alive >= quorum + hysteresis) this.#quorum.set(service, 'up');
    const after = this.#quorum.get(service);
    if (after !== before) this.#told.push(`quorum ${key} ${after}`);
    if (sorryServer === undefined || this.#sorry.has(service) === (after === 'down')) return;
    if (after === 'down') this.#sorry.add(service);
    else this.#sorry.delete(service);
    const sorry = destinationKey(sorryServer.destination);
    this.#told.push(`sorry-server ${sorry} ${after === 'down' ? 'up' : 'down'}`);
  }
}

/** Checks of one name are one check. */
function nameOf({ endpoint, timing }: Check, destination: Destination): string {
  return `${destinationKey(destination)}/${endpoint.port} ${JSON.stringify(timing)}`;
}
