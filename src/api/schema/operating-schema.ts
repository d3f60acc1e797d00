import { z } from 'zod';
import type { CheckStatus, DestinationHealth, ServiceHealth } from '../../model/health.ts';
import { type DirectorEvent, type DrainStatus, EVENT_KINDS, type Explanation } from '../operated-director.ts';
import { component } from './component.ts';
import { address, count, destinationKeyText, port, serviceKeyText, time } from './value-schema.ts';

/** Health, drains, events and explanations in answers. */

const state = z.enum(['up', 'down']);

const check = component(
  'CheckStatus',
  z.object({
    kind: z.enum(['tcp', 'http', 'smtp', 'dns', 'udp', 'ping', 'file', 'misc', 'path']),
    target: z.string(),
    state,
    since: time,
    checkedAt: time.exactOptional(),
    detail: z.string().exactOptional(),
    latency: z.number().min(0).exactOptional().describe('Milliseconds.'),
    attempts: count,
    failures: count,
    hung: z.number().min(0).exactOptional().describe('Milliseconds.'),
  }),
) satisfies z.ZodType<CheckStatus>;

const destinationHealth = component(
  'DestinationHealth',
  z.object({
    destination: destinationKeyText,
    role: z.enum(['real', 'sorry']),
    state,
    since: time,
    configuredWeight: count,
    weight: count.exactOptional(),
    reason: z.string().exactOptional(),
    checks: z.array(check),
  }),
) satisfies z.ZodType<DestinationHealth>;

export const serviceHealth = component(
  'ServiceHealth',
  z.object({
    service: serviceKeyText,
    quorum: z.object({ state, needed: count, hysteresis: count, alive: count }),
    destinations: z.array(destinationHealth),
  }),
) satisfies z.ZodType<ServiceHealth>;

export const drainStatus = component(
  'DrainStatus',
  z.object({
    service: serviceKeyText,
    destination: destinationKeyText,
    state: z.enum(['draining', 'drained', 'expired']),
    // biome-ignore lint/suspicious/noThenProperty: a schema, which nobody awaits
    then: z.enum(['remove', 'leave']),
    startedAt: time,
    deadlineAt: time.exactOptional(),
    connectionsAtStart: count,
    activeConnections: count,
    inactiveConnections: count,
    persistentConnections: count,
  }),
) satisfies z.ZodType<DrainStatus>;

export const directorEvent = component(
  'Event',
  z.object({
    id: z.int().min(1),
    time,
    kind: z.enum(EVENT_KINDS),
    text: z.string(),
    service: serviceKeyText.exactOptional(),
    destination: destinationKeyText.exactOptional(),
    state: state.exactOptional(),
    actor: z.string().exactOptional(),
  }),
) satisfies z.ZodType<DirectorEvent>;

export const explanation = component(
  'Explanation',
  z.object({
    service: serviceKeyText,
    client: z.object({ address, port: port.exactOptional() }),
    by: z.enum(['connection', 'template', 'scheduler', 'none']),
    destination: destinationKeyText.exactOptional(),
    certain: z.boolean(),
    reasons: z.array(z.string()),
    candidates: z.array(
      z.object({
        destination: destinationKeyText,
        weight: count,
        activeConnections: count,
        inactiveConnections: count,
        eligible: z.boolean(),
        why: z.string(),
      }),
    ),
  }),
) satisfies z.ZodType<Explanation>;
