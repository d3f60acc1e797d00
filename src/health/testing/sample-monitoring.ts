import type { IpAddress } from '../../model/address.ts';
import type { Check, CheckTiming } from '../../model/check.ts';
import {
  type Destination,
  type DestinationKey,
  destinationKey,
  IPIP_TUNNEL,
} from '../../model/destination.ts';
import type { DestinationMonitoring, Monitoring, ServiceMonitoring } from '../../model/monitoring.ts';
import { NO_SCHEDULER_FLAGS, type Service, serviceKey } from '../../model/service.ts';
import { DEFAULT_TIMEOUTS, type Table } from '../../model/table.ts';
import type { Milliseconds, Port, Weight } from '../../model/unit.ts';

/** Every ten seconds, with a second to answer; up at first, and believed at once. */
export const SAMPLE_TIMING: CheckTiming = {
  interval: 10_000 as Milliseconds,
  timeout: 1000 as Milliseconds,
  retry: 0,
  retryDelay: 500 as Milliseconds,
  warmup: 0 as Milliseconds,
  rise: 1,
  fall: 1,
  alpha: false,
  logAllFailures: false,
};

/** A TCP check. */
export function sampleCheck(timing: Partial<CheckTiming> = {}): Check {
  return { probe: { kind: 'tcp' }, endpoint: {}, timing: { ...SAMPLE_TIMING, ...timing } };
}

/** `10.0.0.NUMBER:80`. */
export function numberedDestination(number: number, weight = 1): Destination {
  return {
    address: `10.0.0.${number}` as IpAddress,
    port: 80 as Port,
    forwarding: 'masquerade',
    weight: weight as Weight,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: IPIP_TUNNEL,
  };
}

/** `tcp 192.0.2.NUMBER:80`. */
export function sampleService(number: number, destinations: readonly Destination[]): Service {
  return {
    id: { kind: 'address', protocol: 'tcp', address: `192.0.2.${number}` as IpAddress, port: 80 as Port },
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: '255.255.255.255' as IpAddress,
    onePacket: false,
    destinations,
  };
}

/** How a destination is watched that has one TCP check. */
export function sampleDestinationMonitoring(
  monitoring: Partial<DestinationMonitoring> = {},
): DestinationMonitoring {
  return {
    checks: [sampleCheck()],
    inhibitOnFailure: false,
    connectionsOnFailure: 'leave',
    slowStart: 0 as Milliseconds,
    ...monitoring,
  };
}

/** How a service is watched, all of its destinations alike. */
export function sampleServiceMonitoring(
  service: Service,
  monitoring: Partial<ServiceMonitoring> = {},
  destination: Partial<DestinationMonitoring> = {},
): ServiceMonitoring {
  const destinations = new Map<DestinationKey, DestinationMonitoring>(
    service.destinations.map((each) => [destinationKey(each), sampleDestinationMonitoring(destination)]),
  );
  return { quorum: 1, hysteresis: 0, alpha: false, omega: false, destinations, ...monitoring };
}

/** What {@link HealthMonitor.watch} takes. */
export function sampleTable(
  ...services: readonly (readonly [Service, ServiceMonitoring])[]
): readonly [Table, Monitoring] {
  return [
    { services: services.map(([service]) => service), timeouts: DEFAULT_TIMEOUTS },
    new Map(services.map(([service, monitoring]) => [serviceKey(service.id), monitoring])),
  ];
}
