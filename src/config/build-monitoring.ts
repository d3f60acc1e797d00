import type { Check } from '../model/check.ts';
import { type DestinationKey, destinationKey } from '../model/destination.ts';
import type { DestinationMonitoring, Monitoring, ServiceMonitoring } from '../model/monitoring.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import type { Milliseconds } from '../model/unit.ts';
import { buildCheck, type ParsedCheck } from './build-check.ts';
import { buildDestination } from './build-table.ts';
import { checkMapping } from './check-schema.ts';
import type { ParsedConfig } from './config-schema.ts';
import { DESTINATION_MONITORING } from './destination-schema.ts';
import type { ParsedService } from './resolve-services.ts';
import { SERVICE_MONITORING } from './service-schema.ts';

type Given = Pick<ParsedConfig, 'checks' | 'check-defaults'>;

/**
 * How resolved services are watched. One that the file says nothing of is left out: `watched` tells, by what was written, which those
 * are not.
 */
export function buildMonitoring(
  services: readonly ParsedService[],
  watched: (index: number) => boolean,
  file: Given,
): Monitoring {
  const builder = new MonitoringBuilder(file);
  return new Map<ServiceKey, ServiceMonitoring>(
    services.flatMap((service, index) =>
      watched(index) ? [[serviceKey(service.id), builder.service(service)] as const] : [],
    ),
  );
}

/** Whether a mapping as it was read has a key that is about watching. */
export function hasMonitoring(kind: 'service' | 'destination', value: object): boolean {
  const keys = kind === 'service' ? SERVICE_MONITORING : DESTINATION_MONITORING;
  return keys.some((key) => Object.hasOwn(value, key));
}

class MonitoringBuilder {
  readonly #file: Given;
  /** What is written once is one check, however many use it. */
  readonly #checks = new Map<ParsedCheck | string, Check>();
  readonly #lists = new Map<readonly (ParsedCheck | string)[], readonly Check[]>();

  constructor(file: Given) {
    this.#file = file;
  }

  service({ service, destinations }: ParsedService): ServiceMonitoring {
    const { notify, 'sorry-server': sorry } = service;
    const { 'quorum-up': quorumUp, 'quorum-down': quorumDown } = notify ?? {};
    return {
      quorum: service.quorum,
      hysteresis: service.hysteresis,
      alpha: service.alpha,
      omega: service.omega,
      ...(quorumUp !== undefined && { quorumUp }),
      ...(quorumDown !== undefined && { quorumDown }),
      ...(sorry !== undefined && {
        sorryServer: { destination: buildDestination(sorry), inhibit: sorry.inhibit },
      }),
      destinations: new Map<DestinationKey, DestinationMonitoring>(
        destinations.map((destination) => [
          destinationKey(destination.address),
          this.#destination(destination, service),
        ]),
      ),
    };
  }

  #destination(
    own: ParsedService['destinations'][number],
    shared: ParsedService['service'],
  ): DestinationMonitoring {
    const { up: notifyUp, down: notifyDown } = own.notify ?? {};
    const inherited = <K extends 'inhibit-on-failure' | 'connections-on-failure' | 'slow-start'>(key: K) =>
      own[key] ?? shared[key];
    return {
      checks: this.#list(own.checks ?? shared.checks),
      inhibitOnFailure: inherited('inhibit-on-failure') ?? false,
      // A client whose connection is left waits for a server that is dead.
      connectionsOnFailure: inherited('connections-on-failure') ?? 'purge',
      slowStart: inherited('slow-start') ?? (0 as Milliseconds),
      ...(notifyUp !== undefined && { notifyUp }),
      ...(notifyDown !== undefined && { notifyDown }),
    };
  }

  #list(given: readonly (ParsedCheck | string)[]): readonly Check[] {
    const kept = this.#lists.get(given);
    if (kept !== undefined) return kept;
    const checks = given.map((check) => this.#check(check));
    this.#lists.set(given, checks);
    return checks;
  }

  #check(given: ParsedCheck | string): Check {
    const kept = this.#checks.get(given);
    if (kept !== undefined) return kept;
    const written =
      typeof given === 'string' ? (this.#file.checks[given] ?? checkMapping.parse({ type: given })) : given;
    const check = buildCheck(written, this.#file['check-defaults']);
    this.#checks.set(given, check);
    return check;
  }
}
