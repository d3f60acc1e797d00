import { z } from 'zod';
import { TUNNEL_KINDS } from '../real-server-settings.ts';

export const tunnelSchema = z.object({ kind: z.enum(TUNNEL_KINDS), port: z.int().optional() });

/**
 * One change of the host, whole enough to be undone by a later process. It is recorded before it is made: what is recorded may
 * or may not have happened.
 */
export const changeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sysctl'),
    /** Below /proc/sys. */
    path: z
      .string()
      .regex(/^net\/[^\0]+$/)
      .refine((path) => !path.split('/').includes('..')),
    value: z.string(),
    /** What it was before. */
    former: z.string(),
  }),
  /** An interface that was down. */
  z.object({ kind: z.literal('link-up'), name: z.string() }),
  /** A tunnel device of the kernel's that was not there. */
  z.object({ kind: z.literal('link'), name: z.string(), linkKind: z.string() }),
  /** A UDP port whose packets the kernel takes as GUE. */
  z.object({ kind: z.literal('gue-port'), port: z.int(), family: z.enum(['inet', 'inet6']) }),
  /** vipr's own program, with what it is told. */
  z.object({
    kind: z.literal('decapsulator'),
    /** On a BPF file system; everything is pinned there. */
    directory: z.string(),
    interfaces: z.array(z.object({ name: z.string(), index: z.int() })).readonly(),
    virtualAddresses: z.array(z.string()).readonly(),
    ownAddresses: z.array(z.string()).readonly(),
    tunnels: z.array(tunnelSchema).readonly(),
  }),
  z.object({
    kind: z.literal('address'),
    address: z.string(),
    prefixLength: z.int(),
    interface: z.string(),
  }),
]);

export type Change = Readonly<z.infer<typeof changeSchema>>;
export type ChangeKind = Change['kind'];
export type ChangeOf<Kind extends ChangeKind> = Extract<Change, { kind: Kind }>;

/** What the change is about: of two with the same key the later one replaces the earlier one. */
export function keyOf(change: Change): string {
  switch (change.kind) {
    case 'sysctl':
      return `sysctl ${change.path}`;
    case 'link-up':
    case 'link':
      return `${change.kind} ${change.name}`;
    case 'gue-port':
      return `gue-port ${change.family} ${change.port}`;
    case 'decapsulator':
      return `decapsulator ${change.directory}`;
    case 'address':
      return `address ${change.address}/${change.prefixLength} ${change.interface}`;
    default:
      throw new Error(`unknown change ${JSON.stringify(change satisfies never)}`);
  }
}
