import { z } from 'zod';
import type {
  VrrpGroupStatus,
  VrrpInstanceStatus,
  VrrpScriptStatus,
  VrrpStatus,
} from '../../model/vrrp-status.ts';
import { component } from './component.ts';
import { address, count, time } from './value-schema.ts';

/** VRRP in answers. */

const state = z.enum(['initialize', 'backup', 'master', 'fault']);
const byReason = z.record(z.string(), count).describe('Counts by reason; those that never came are absent.');

const instance = component(
  'VrrpInstance',
  z.object({
    name: z.string(),
    interface: z.string(),
    family: z.enum(['inet', 'inet6']),
    version: z.union([z.literal(2), z.literal(3)]),
    virtualRouterId: z.int().min(1).max(255),
    state,
    since: time,
    priority: z.int().min(1).max(255).describe('What it claims now.'),
    configuredPriority: z.int().min(1).max(255),
    addresses: z.array(address),
    source: address.exactOptional(),
    lastHeard: z.object({ address, priority: count, at: time }).exactOptional(),
    faults: z.array(z.string()),
    group: z.string().exactOptional(),
    heldBy: z.string().exactOptional(),
    counts: z.object({
      sent: count,
      received: count,
      priorityZeroSent: count,
      priorityZeroReceived: count,
      dismissed: byReason,
      becameMaster: count,
      releasedMaster: count,
      conflicts: count,
      revokedFarewells: count,
    }),
  }),
) satisfies z.ZodType<VrrpInstanceStatus>;

const group = component(
  'VrrpGroup',
  z.object({ name: z.string(), state, instances: z.array(z.string()) }),
) satisfies z.ZodType<VrrpGroupStatus>;

const script = component(
  'VrrpScript',
  z.object({ name: z.string(), state: z.enum(['up', 'down']), detail: z.string().exactOptional() }),
) satisfies z.ZodType<VrrpScriptStatus>;

export const vrrpResponse = component(
  'Vrrp',
  z.object({
    instances: z.array(instance),
    groups: z.array(group),
    scripts: z.array(script),
    packets: z.object({ malformed: byReason, unknownRouter: count }),
  }),
) satisfies z.ZodType<VrrpStatus>;
