import { z } from 'zod';
import type { IpAddress } from '../../model/address.ts';
import type { DestinationKey } from '../../model/destination.ts';
import type { ServiceKey } from '../../model/service.ts';
import type { FirewallMark, Port, PrefixLength, Seconds, Weight } from '../../model/unit.ts';

/** Values of answers. They come from the director itself, so that their types are taken at its word. */

export const address = described<IpAddress>(
  z.string(),
  'In the form of inet_ntop(3), IPv6 without brackets.',
);
export const serviceKeyText = described<ServiceKey>(
  z.string(),
  'Such as `tcp 192.0.2.10:80`, `udp [2001:db8::10]:53`, `fwmark 3 inet6`.',
);
export const destinationKeyText = described<DestinationKey>(
  z.string(),
  'Such as `10.0.0.11:80`, `[2001:db8::11]:80`.',
);
/** ISO 8601, UTC. */
export const time = z.iso.datetime().describe('UTC.');
/** A whole number from 0. */
export const count = z.int().min(0);
/** 64 bits. */
export const largeCount = z
  .string()
  .regex(/^[0-9]{1,20}$/)
  .describe('A whole number of 64 bits, in decimal.');

export const port = described<Port>(z.int().min(0).max(65535));
export const weight = described<Weight>(z.int().min(0));
export const seconds = described<Seconds>(z.int().min(0));
export const firewallMark = described<FirewallMark>(z.int().min(1).max(4294967295));
export const prefixLength = described<PrefixLength>(z.int().min(1).max(128));

/** A schema whose values have a type of the model. */
function described<T>(schema: z.ZodType, description?: string): z.ZodType<T> {
  const typed = schema as z.ZodType<T>;
  return description === undefined ? typed : typed.describe(description);
}
