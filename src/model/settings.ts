import type { Destination } from './destination.ts';
import type { SchedulerFlags, ServiceSettings } from './service.ts';

/** The settings alone of what may be a whole service or its status, as a copy. */
export function serviceSettings(service: ServiceSettings): ServiceSettings {
  const { persistenceTimeout, persistenceEngine } = service;
  const { flag1, flag2, flag3 } = service.schedulerFlags;
  return {
    scheduler: service.scheduler,
    schedulerFlags: { flag1, flag2, flag3 },
    ...(persistenceTimeout === undefined ? {} : { persistenceTimeout }),
    persistenceNetmask: service.persistenceNetmask,
    ...(persistenceEngine ? { persistenceEngine } : {}),
    onePacket: service.onePacket,
  };
}

/** The configuration alone of what may be the status of a destination, as a copy. */
export function destinationSettings(destination: Destination): Destination {
  const { proxyProtocol } = destination;
  const { type, port, checksum } = destination.tunnel;
  return {
    address: destination.address,
    port: destination.port,
    forwarding: destination.forwarding,
    weight: destination.weight,
    upperThreshold: destination.upperThreshold,
    lowerThreshold: destination.lowerThreshold,
    tunnel: { type, port, checksum },
    ...(proxyProtocol === undefined ? {} : { proxyProtocol }),
  };
}

export function sameServiceSettings(one: ServiceSettings, other: ServiceSettings): boolean {
  return (
    one.scheduler === other.scheduler &&
    sameSchedulerFlags(one.schedulerFlags, other.schedulerFlags) &&
    one.persistenceTimeout === other.persistenceTimeout &&
    one.persistenceNetmask === other.persistenceNetmask &&
    (one.persistenceEngine ?? '') === (other.persistenceEngine ?? '') &&
    one.onePacket === other.onePacket
  );
}

export function sameSchedulerFlags(one: SchedulerFlags, other: SchedulerFlags): boolean {
  return one.flag1 === other.flag1 && one.flag2 === other.flag2 && one.flag3 === other.flag3;
}

/** Whether two destinations are set alike; a PROXY protocol that is left out counts as `off`. */
export function sameDestinationSettings(one: Destination, other: Destination): boolean {
  return (
    one.forwarding === other.forwarding &&
    one.weight === other.weight &&
    one.upperThreshold === other.upperThreshold &&
    one.lowerThreshold === other.lowerThreshold &&
    one.tunnel.type === other.tunnel.type &&
    one.tunnel.port === other.tunnel.port &&
    one.tunnel.checksum === other.tunnel.checksum &&
    (one.proxyProtocol ?? 'off') === (other.proxyProtocol ?? 'off')
  );
}
