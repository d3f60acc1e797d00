/**
 * How much of the VM lab a run takes: `part` within `npm test`, `whole` for `npm run test:vm` (VIPR_VM=whole), `none` where
 * VIPR_VM=none leaves it out.
 */
export type Extent = 'part' | 'whole' | 'none';

export function extentOf(env: NodeJS.ProcessEnv): Extent {
  const given = env.VIPR_VM ?? 'part';
  if (given === 'part' || given === 'whole' || given === 'none') return given;
  throw new Error(`VIPR_VM is part, whole or none, not '${given}'`);
}
