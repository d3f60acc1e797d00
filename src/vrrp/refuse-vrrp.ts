import { ViprError } from '../model/error.ts';
import type { VrrpSettings } from '../model/vrrp.ts';

const OWNER = 255;

/** Throws INVALID_OPERATION for what is understood and cannot be done, by name. */
export function refuseVrrp({ instances }: VrrpSettings): void {
  for (const { name, accept, priority, virtualMac } of instances) {
    if (!accept && priority !== OWNER) {
      throw new ViprError('INVALID_OPERATION', `VRRP instance ${name}: accept false is not supported.`, {
        hint: 'Let it accept packets to its virtual addresses, and keep others out with the firewall of the host.',
      });
    }
    if (virtualMac !== undefined) {
      throw new ViprError(
        'INVALID_OPERATION',
        `VRRP instance ${name}: a virtual MAC address is not supported.`,
        {
          hint: 'Leave it out: neighbours are told of the new MAC address when another director becomes master.',
        },
      );
    }
  }
}
