import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { ViprError } from '../../../model/error.ts';
import { type MissingFeature, probeBpf } from '../../../system/bpf/probe-bpf.ts';
import { findObject } from './find-object.ts';
import { type InstanceOptions, instanceOf } from './instance.ts';

/** What the engine does without, or with something else in its place. */
const DISPENSABLE: readonly MissingFeature['what'][] = ['tcx', 'jit'];

export interface SystemFeatures {
  /** Links of tcx; filters of clsact do the same. */
  readonly tcx: boolean;
  /** What slows the engine down, as sentences for the log. */
  readonly warnings: readonly string[];
}

/** Throws ENGINE_UNAVAILABLE, or PERMISSION_DENIED, with everything that the system lacks, and what to do about it. */
export function requireFeatures(missing: readonly MissingFeature[]): SystemFeatures {
  const fatal = missing.filter(({ what }) => !DISPENSABLE.includes(what));
  if (fatal.length > 0) {
    // Without its capabilities a process cannot tell what else is missing.
    const capability = fatal.find(({ what }) => what === 'capability');
    const told = capability === undefined ? fatal : [capability];
    throw new ViprError(
      capability === undefined ? 'ENGINE_UNAVAILABLE' : 'PERMISSION_DENIED',
      told.map(({ why }) => why).join('; '),
      { hint: told.map(({ hint }) => hint).join(' ') },
    );
  }
  return {
    tcx: !missing.some(({ what }) => what === 'tcx'),
    warnings: missing.filter(({ what }) => what === 'jit').map(({ why, hint }) => `${why}. ${hint}`),
  };
}

/** Why this process cannot run the eBPF engine, or undefined where it can. Nothing is attached or left behind. */
export function whyNoEbpf(
  options: InstanceOptions = {},
  probe: (pinRoot: string) => readonly MissingFeature[] = probeBpf,
): string | undefined {
  try {
    findObject();
    requireFeatures(probe(existingParent(instanceOf(options).root)));
    return undefined;
  } catch (error) {
    if (error instanceof ViprError) return error.message;
    throw error;
  }
}

/** The directory, or the nearest above it that is there: whatever is made below lies on the same file system. */
export function existingParent(directory: string): string {
  return existsSync(directory) ? directory : existingParent(dirname(directory));
}
