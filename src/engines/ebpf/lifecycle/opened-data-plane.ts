import { totalmem } from 'node:os';
import { ViprError } from '../../../model/error.ts';
import { NetlinkError } from '../../../netlink/netlink-error.ts';
import { probeBpf } from '../../../system/bpf/probe-bpf.ts';
import { SystemCallError } from '../../../system/system-call-error.ts';
import { type JiffiesClock, learnJiffies, readKernelClock } from '../jiffies.ts';
import { VIPR_LAYOUT } from '../layout.gen.ts';
import { HostNetwork } from '../network/host-network.ts';
import { ownAttachments } from './attachment-directory.ts';
import type { EbpfOptions } from './ebpf-options.ts';
import { findObject } from './find-object.ts';
import { forwardingWarnings } from './forwarding-warnings.ts';
import { HostDataPlane } from './host-data-plane.ts';
import { completeSysctls, writeConfiguration } from './initial-settings.ts';
import { type Instance, instanceOf } from './instance.ts';
import { LoadedDataPlane } from './loaded-data-plane.ts';
import { pinnedLayout, pinnedSizes } from './pinned-maps.ts';
import { prepareInstance } from './prepare-instance.ts';
import { removeDirectoryIfEmpty, removePinnedMaps } from './remove-pins.ts';
import { existingParent, requireFeatures } from './requirements.ts';
import { SettingsMap } from './settings-map.ts';
import { defaultSizes } from './table-sizes.ts';

/** An instance that this process drives: its maps and programs are loaded, and nothing is attached yet that was not before. */
export interface OpenedDataPlane {
  readonly loaded: LoadedDataPlane;
  readonly settings: SettingsMap;
  readonly clock: JiffiesClock;
  readonly dataPlane: HostDataPlane;
  /** The table is in the maps: from now on they are kept, and the interfaces get the programs. */
  start(): Promise<void>;
  /** Ends all of it in this process; what is attached and pinned stays. */
  close(): Promise<void>;
}

/**
 * Rejects with ENGINE_UNAVAILABLE, PERMISSION_DENIED, DIRECTOR_RUNNING, USAGE or SYSTEM_CALL_FAILED, and leaves nothing open then.
 */
export async function openDataPlane(
  options: EbpfOptions,
  objectFile: string = findObject(),
): Promise<OpenedDataPlane> {
  try {
    return await open(options, objectFile);
  } catch (error) {
    if (!(error instanceof SystemCallError || error instanceof NetlinkError)) throw error;
    throw new ViprError('SYSTEM_CALL_FAILED', `The eBPF engine cannot start: ${error.message}`, {
      cause: error,
      errno: error.code,
      hint: "Look up what the system call needs, or use the engine 'relay', which needs nothing of it.",
    });
  }
}

async function open(options: EbpfOptions, objectFile: string): Promise<OpenedDataPlane> {
  const { attach = 'auto', interfaces = 'auto', info = ignore, warn = ignore, marks = [] } = options;
  const instance = instanceOf(options);
  const features = requireFeatures(probeBpf(existingParent(instance.root)));
  for (const text of [...features.warnings, ...forwardingWarnings()]) warn(text);
  const sysctls = completeSysctls(options.sysctls);
  await using undo = new AsyncDisposableStack();
  const lock = prepareInstance(instance);
  let kept = false;
  undo.defer(() => {
    if (!kept) removeUnused(instance);
    lock.release();
  });
  const usual = pinnedSizes(instance) ?? defaultSizes(memory());
  const sizes = {
    connections: options.connections ?? usual.connections,
    services: options.services ?? usual.services,
    destinations: options.destinations ?? usual.destinations,
  };
  const loaded = LoadedDataPlane.load(objectFile, instance, sizes);
  undo.defer(() => loaded.close());
  const clock = await learnJiffies(() => readKernelClock(loaded.program('vipr_clock')));
  const settings = new SettingsMap(loaded.map('settings'));
  writeConfiguration(loaded, settings, { hz: clock.hz, sysctls, marks });
  const network = await HostNetwork.open(warn);
  undo.defer(() => network.close());
  const dataPlane = new HostDataPlane(
    {
      attachment: {
        mode: attach,
        interfaces: interfaces.length === 0 ? 'auto' : interfaces,
        tc: features.tcx && options.clsact !== true ? 'tcx' : 'clsact',
      },
      linkDirectory: ownAttachments(instance).path,
      sysctls,
    },
    { loaded, settings, network, info, warn },
  );
  undo.defer(() => dataPlane.close());
  const resources = undo.move();
  kept = true;
  return {
    loaded,
    settings,
    clock,
    dataPlane,
    start: async () => {
      settings.change(() => ({ layout: VIPR_LAYOUT }));
      await dataPlane.attach();
    },
    close: () => resources.disposeAsync(),
  };
}

/** Bytes that this process may use: a control group may have less than the machine. */
function memory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/** An instance whose first start failed has nothing to keep, and maps take memory. */
function removeUnused(instance: Instance): void {
  if (pinnedLayout(instance) !== 0) return;
  removePinnedMaps(instance);
  removeDirectoryIfEmpty(instance.directory);
  removeDirectoryIfEmpty(instance.root);
}

function ignore(): void {
  // Nobody listens.
}
