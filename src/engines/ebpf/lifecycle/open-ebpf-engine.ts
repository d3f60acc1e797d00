import type { ViprError } from '../../../model/error.ts';
import { monotonicMilliseconds } from '../../../system/clock.ts';
import type { Engine } from '../../engine.ts';
import { HostEnvironment } from '../../table/environment.ts';
import { EbpfEngine } from '../ebpf-engine.ts';
import { engineMaps } from '../table/engine-maps.ts';
import type { EbpfOptions } from './ebpf-options.ts';
import { completeSysctls, unprivilegedPortStart } from './initial-settings.ts';
import { openDataPlane } from './opened-data-plane.ts';
import { RunningEbpfEngine } from './running-ebpf-engine.ts';

/**
 * Starts the eBPF engine of an instance: with the table that its maps hold, or with an empty one. Its programs are on the interfaces when
 * this resolves. Rejects with ENGINE_UNAVAILABLE or PERMISSION_DENIED where the system lacks something, DIRECTOR_RUNNING where another
 * process drives the instance, USAGE for names that cannot be.
 *
 * @param failed hears that the engine is of no use any more
 */
export async function openEbpfEngine(
  options: EbpfOptions = {},
  failed: (error: ViprError) => void = () => undefined,
): Promise<Engine> {
  await using undo = new AsyncDisposableStack();
  const opened = await openDataPlane(options);
  undo.defer(() => opened.close());
  const { loaded, settings, clock, dataPlane } = opened;
  const engine = new EbpfEngine({
    maps: engineMaps((name) => loaded.map(name)),
    settings,
    clock,
    dataPlane,
    syncDataPlane: {
      events: loaded.map('sync_events'),
      totals: loaded.map('totals'),
      put: loaded.program('vipr_sync_put'),
    },
    sysctls: completeSysctls(options.sysctls),
    environment: new HostEnvironment(),
    now: monotonicMilliseconds,
    wallClock: Date.now,
    unprivilegedPortStart: unprivilegedPortStart(),
    ...(options.info !== undefined && { info: options.info }),
    ...(options.warn !== undefined && { warn: options.warn }),
    failed,
  });
  undo.defer(() => engine.close());
  await opened.start();
  const kept = undo.move();
  return new RunningEbpfEngine(engine, {
    attachments: () => dataPlane.attachments,
    close: () => kept.disposeAsync(),
  });
}
