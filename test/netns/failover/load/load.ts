import type { FailoverLab } from '../fixture/failover-lab.ts';
import { PORTS, TARGETS } from '../fixture/target.ts';
import { Downloads } from './downloads.ts';
import type { LoadTarget } from './load-target.ts';
import { type OpenConnections, openConnections } from './open-connections.ts';
import { type Outage, outageOf } from './outage.ts';
import { type Attempt, type Probe, startProbe } from './probe.ts';

export const LOAD_TARGETS: readonly LoadTarget[] = TARGETS.map(({ name, virtualAddress, from }) => ({
  name,
  address: virtualAddress,
  port: PORTS.echo,
  from,
}));

/** What was asked of connections that are open, all of a load together. */
export interface OpenFigures {
  readonly opened: number;
  /** By the name of the target and the cause. */
  readonly lost: Readonly<Record<string, number>>;
}

/** What clients do in the failover lab: downloads, connections that stay open, and new ones all the time. */
export class Load {
  readonly #site: FailoverLab;
  readonly #probe: Probe;
  readonly #downloads: Downloads;
  readonly #open: OpenConnections[] = [];
  #attempts: readonly Attempt[] = [];

  private constructor(site: FailoverLab, probe: Probe, rate: string) {
    this.#site = site;
    this.#probe = probe;
    this.#downloads = new Downloads(site, rate);
  }

  /** Resolves when `connections` are open. Downloads have `rate` each, as curl has it. */
  static async start(
    site: FailoverLab,
    { connections, rate }: { readonly connections: number; readonly rate: string },
  ): Promise<Load> {
    const load = new Load(site, await startProbe(site.lab.client, { targets: LOAD_TARGETS }), rate);
    await load.openMore(connections);
    return load;
  }

  /** Opens more connections that stay. */
  async openMore(count: number): Promise<void> {
    this.#open.push(await openConnections(this.#site.lab.client, { targets: LOAD_TARGETS, count }));
  }

  /** How new connections fared from a moment on, by the name of the target. */
  async outages(since: number): Promise<Readonly<Record<string, Outage>>> {
    this.#attempts = [...this.#attempts, ...(await this.#probe.ask())];
    return Object.fromEntries(LOAD_TARGETS.map(({ name }) => [name, outageOf(this.#attempts, name, since)]));
  }

  /** How those fare that are open, once each has exchanged another line. */
  async open(): Promise<OpenFigures> {
    const reports = await Promise.all(this.#open.map((each) => each.ask()));
    const lost: Record<string, number> = {};
    for (const report of reports)
      for (const [what, count] of Object.entries(report.lost)) lost[what] = (lost[what] ?? 0) + count;
    return { opened: reports.reduce((sum, { opened }) => sum + opened, 0), lost };
  }

  /** Waits for the ends of the downloads: those that broke off, or had other bytes. */
  brokenDownloads(): Promise<readonly string[]> {
    return this.#downloads.broken();
  }

  async close(): Promise<void> {
    await Promise.all([this.#probe, ...this.#open].map((each) => each.close()));
  }
}

/** Milliseconds of the clock that {@link Attempt}s have. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
