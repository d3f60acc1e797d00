import { ViprError } from '../model/error.ts';
import type { VrrpSettings } from '../model/vrrp.ts';

const OWNER = 255;

/** What of an instance cannot be done. */
export interface VrrpRefusal {
  /** Of the instance in the settings. */
  readonly index: number;
  /** As vipr.yaml names it. */
  readonly field: 'accept' | 'virtual-mac';
  readonly message: string;
  readonly hint: string;
}

/** Everything that is understood and cannot be done. */
export function vrrpRefusals({ instances }: VrrpSettings): readonly VrrpRefusal[] {
  return instances.flatMap(({ accept, priority, virtualMac }, index): VrrpRefusal[] => [
    ...(accept || priority === OWNER
      ? []
      : [
          {
            index,
            field: 'accept' as const,
            message: 'accept false is not supported',
            hint: 'Let it accept packets to its virtual addresses, and keep others out with the firewall of the host.',
          },
        ]),
    ...(virtualMac === undefined
      ? []
      : [
          {
            index,
            field: 'virtual-mac' as const,
            message: 'a virtual MAC address is not supported',
            hint: 'Leave it out: neighbours are told of the new MAC address when another director becomes master.',
          },
        ]),
  ]);
}

/** Throws INVALID_OPERATION for the first of {@link vrrpRefusals}. */
export function refuseVrrp(settings: VrrpSettings): void {
  const [refusal] = vrrpRefusals(settings);
  if (refusal === undefined) return;
  const { index, message, hint } = refusal;
  throw new ViprError('INVALID_OPERATION', `VRRP instance ${settings.instances[index]?.name}: ${message}.`, {
    hint,
  });
}
