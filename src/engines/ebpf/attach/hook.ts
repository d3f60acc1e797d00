/** Where a program is attached to a device, and by which means. */
export type Hook =
  | 'xdp-native'
  | 'xdp-generic'
  | 'tcx-ingress'
  | 'tcx-egress'
  | 'filter-ingress'
  | 'filter-egress';

export const HOOKS: readonly Hook[] = [
  'xdp-native',
  'xdp-generic',
  'tcx-ingress',
  'tcx-egress',
  'filter-ingress',
  'filter-egress',
];

/** A hook of one device, by its index. */
export interface DeviceHook {
  readonly index: number;
  readonly hook: Hook;
}

/** `3-tcx-ingress`: the name of its pin. BPF file systems take no dots. */
export function pinName({ index, hook }: DeviceHook): string {
  return `${index}-${hook}`;
}

/** Undefined for a name that is none of {@link pinName}'s. */
export function parsePinName(name: string): DeviceHook | undefined {
  const [, index, hook] = /^([1-9]\d*)-([\w-]+)$/.exec(name) ?? [];
  const known = HOOKS.find((each) => each === hook);
  return known === undefined ? undefined : { index: Number(index), hook: known };
}
