import type { Check, CheckTiming, Probe } from '../model/check.ts';
import { type Destination, destinationKey } from '../model/destination.ts';
import { type ServiceId, serviceKey } from '../model/service.ts';

/** What a check does and to whom, as a string: checks with the same one find the same. */
export function probeKey({ probe, endpoint }: Check, service: ServiceId, destination: Destination): string {
  return canonical([probe, endpoint, subject(probe, service, destination)]);
}

/** What of service and destination a probe depends on. */
function subject(probe: Probe, service: ServiceId, destination: Destination): unknown {
  switch (probe.kind) {
    case 'tcp':
    case 'http':
    case 'smtp':
    case 'dns':
    case 'udp':
    case 'ping':
      return destinationKey(destination);
    // Neither knows for whom it is asked.
    case 'file':
    case 'misc':
      return undefined;
    case 'path':
      return [serviceKey(service), destinationKey(destination), destination.forwarding, destination.tunnel];
    default:
      throw new Error(`unknown probe ${JSON.stringify(probe satisfies never)}`);
  }
}

/** When a check runs, as a string: checks that do the same at the same times run once for all the services that have them. */
export function timingKey(timing: CheckTiming): string {
  return canonical(timing);
}

/** JSON with sorted names; patterns and bytes, which JSON has not, as strings. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (part instanceof RegExp) return { pattern: part.source, flags: part.flags };
    if (part instanceof Uint8Array) return { bytes: Buffer.from(part).toString('hex') };
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
