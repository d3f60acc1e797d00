import { familyOf } from './address.ts';
import { type Destination, destinationKey } from './destination.ts';
import { ViprError } from './error.ts';
import { type ServiceId, type ServiceSettings, serviceFamily, serviceKey } from './service.ts';
import { asPrefixLength, asWeight } from './unit.ts';

/** IP_VS_SCHEDNAME_MAXLEN and IP_VS_PENAME_MAXLEN less the closing NUL (include/uapi/linux/ip_vs.h; ip_vs_ctl.c's policy). */
const SCHEDULER_NAME_LENGTH = 15;
const PERSISTENCE_ENGINE_NAME_LENGTH = 16;

/** Throws INVALID_OPERATION where the name of the scheduler or of the persistence engine is too long to be one. */
export function checkNames(id: ServiceId, settings: ServiceSettings): void {
  checkLength(id, 'scheduler', settings.scheduler, SCHEDULER_NAME_LENGTH);
  checkLength(id, 'persistence engine', settings.persistenceEngine ?? '', PERSISTENCE_ENGINE_NAME_LENGTH);
}

/** Throws INVALID_OPERATION unless the netmask is of the service's family, and an IPv6 prefix length 1 to 128. */
export function checkNetmask(id: ServiceId, settings: ServiceSettings): void {
  const netmask = settings.persistenceNetmask;
  const inet6 = serviceFamily(id) === 'inet6';
  const fits = typeof netmask === 'number' ? inet6 && asPrefixLength(netmask) !== undefined : !inet6;
  if (fits && (typeof netmask === 'number' || familyOf(netmask) === 'inet')) return;
  throw new ViprError('INVALID_OPERATION', `${serviceKey(id)}: ${netmask} is no netmask for this service`, {
    hint: inet6
      ? 'Give the length of an IPv6 prefix, 1 to 128.'
      : 'Give an IPv4 netmask such as 255.255.255.0.',
  });
}

/**
 * Throws INVALID_OPERATION where the families of service and destination differ without a tunnel between them
 * (ip_vs_ctl.c, ip_vs_genl_set_cmd).
 */
export function checkFamilies(id: ServiceId, destination: Destination): void {
  if (!isMixedFamily(id, destination) || destination.forwarding === 'tunnel') return;
  throw new ViprError(
    'INVALID_OPERATION',
    `${serviceKey(id)}: ${destinationKey(destination)} is of the other address family`,
    { hint: 'Reach it by tunnel (-i), or use an address of the family of the service.' },
  );
}

/** Whether service and destination are of different address families. */
export function isMixedFamily(id: ServiceId, destination: Pick<Destination, 'address'>): boolean {
  return familyOf(destination.address) !== serviceFamily(id);
}

/**
 * Throws OUT_OF_RANGE for a weight outside 0 to 2147483647 or a lower threshold above the upper one, and
 * INVALID_OPERATION for a GUE tunnel without a port (ip_vs_ctl.c, ip_vs_add_dest), in this order.
 */
export function checkDestination(id: ServiceId, destination: Destination): void {
  const where = `${serviceKey(id)}: ${destinationKey(destination)}`;
  if (asWeight(destination.weight) === undefined) {
    throw new ViprError('OUT_OF_RANGE', `${where}: ${destination.weight} is no weight`, {
      hint: 'Give a whole number from 0 to 2147483647.',
    });
  }
  const { lowerThreshold, upperThreshold, tunnel } = destination;
  if (lowerThreshold > upperThreshold) {
    throw new ViprError(
      'OUT_OF_RANGE',
      `${where}: the lower threshold ${lowerThreshold} is above the upper one, ${upperThreshold}`,
      { hint: 'Raise the upper threshold, or lower the lower one; 0 as the upper one means no limit.' },
    );
  }
  if (tunnel.type === 'gue' && tunnel.port === 0) {
    throw new ViprError('INVALID_OPERATION', `${where}: a GUE tunnel needs a port`, {
      hint: "Give the UDP port of the destination's GUE receiver (--tun-port).",
    });
  }
}

function checkLength(id: ServiceId, what: string, name: string, most: number): void {
  if (Buffer.byteLength(name) <= most) return;
  throw new ViprError(
    'INVALID_OPERATION',
    `${serviceKey(id)}: ${what} name '${name}' is longer than ${most} bytes`,
    { hint: `Check the spelling: no ${what} has a name that long.` },
  );
}
