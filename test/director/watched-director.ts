import assert from 'node:assert/strict';
import { formatConfig, inFileOrder } from '../../src/config/format-config.ts';
import { Director } from '../../src/director/director.ts';
import { RecordedLog } from '../../src/director/recorded-log.ts';
import type { StateKeeper } from '../../src/director/state-file.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { HealthMonitor } from '../../src/health/health-monitor.ts';
import { BAD, GOOD, ScriptedChecker } from '../../src/health/testing/scripted-checker.ts';
import { VirtualClock } from '../../src/health/testing/virtual-clock.ts';
import type { Monitoring } from '../../src/model/monitoring.ts';
import type { ServiceId } from '../../src/model/service.ts';
import type { Table } from '../../src/model/table.ts';
import { RefusingEngine } from './refusing-engine.ts';

/** Milliseconds in which every check has run once. */
const ROUND = 10_000;

/** What a configuration says of a table and its health. */
export interface Watched {
  readonly table: Table;
  readonly monitoring: Monitoring;
}

/** A director whose checks find what a test says, at moments that it chooses. */
export class WatchedDirector {
  readonly director: Director;
  readonly engine: RefusingEngine;
  readonly log = new RecordedLog();
  readonly clock = new VirtualClock();
  readonly checker = new ScriptedChecker();
  /** Milliseconds by which somebody has set the wall clock forward. */
  jump = 0;
  /** What the configuration file says at the next reload. */
  configured: Watched;

  constructor(engine: Engine, configured: Watched, state?: StateKeeper) {
    this.engine = new RefusingEngine(engine);
    this.configured = configured;
    const { clock, checker } = this;
    const wallClock = () => Date.UTC(2026, 0, 2) + clock.time + this.jump;
    this.director = new Director(
      { engineReason: 'a test', version: '1.2.3', configFile: '/etc/vipr/vipr.yaml' },
      {
        engine: this.engine,
        logger: this.log.logger,
        health: (listener) =>
          new HealthMonitor({
            checkerOf: () => checker,
            now: clock.now,
            wallClock,
            random: () => 0,
            timers: clock,
            ...listener,
          }),
        configuration: {
          read: async () => ({ ...this.configured, drift: 'report', notes: [] }),
          format: (table) => formatConfig({ ...this.configured, table: inFileOrder(table) }),
        },
        wallClock,
        now: clock.now,
        timers: clock,
        ...(state !== undefined && { state }),
      },
    );
  }

  static async start(engine: Engine, configured: Watched, state?: StateKeeper): Promise<WatchedDirector> {
    const started = new WatchedDirector(engine, configured, state);
    await started.director.start(configured.table, { monitoring: configured.monitoring });
    return started;
  }

  /** From now on checks of these addresses fail, those of all others succeed; every check runs once, and what follows is done. */
  async down(...destinations: readonly string[]): Promise<void> {
    this.script(...destinations);
    await this.pass(ROUND);
  }

  /** As {@link down}, but time stands still. */
  script(...destinations: readonly string[]): void {
    for (const key of this.checker.answers.keys()) this.checker.answers.set(key, GOOD);
    for (const key of destinations) this.checker.answers.set(key, BAD);
  }

  async pass(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    await this.settled();
  }

  /** What the director has to do is done. */
  async settled(): Promise<void> {
    // A check's end may come while the table is busy: what follows is queued behind it.
    for (let turn = 0; turn < 3; turn++) await this.director.wanted();
  }

  /** `127.0.0.2:80 1` for each destination, in the order of their names. */
  async weights(service: ServiceId): Promise<string[]> {
    const found = await this.engine.service(service);
    assert.ok(found !== undefined);
    return found.destinations.map(({ address, port, weight }) => `${address}:${port} ${weight}`).sort();
  }

  async close(): Promise<void> {
    const closing = this.director.close(0);
    await this.clock.advance(ROUND);
    await closing;
  }
}
