import { parseHostPort } from '../../model/parse-host-port.ts';
import { parseServiceKey } from '../../model/parse-service-key.ts';
import type { HealthEvent } from '../health-event.ts';

/**
 * What readers of named pipes get for an event, as keepalived writes it (ipwrapper.c, notify_fifo_vs and notify_fifo_rs):
 * `VS [192.0.2.10]:tcp:80 UP`, `RS [10.0.0.11]:tcp:80 [192.0.2.10]:tcp:80 DOWN`, each with a line feed. Undefined for events
 * that have no line.
 */
export function fifoLine(event: HealthEvent): string | undefined {
  if (event.kind !== 'quorum' && event.kind !== 'destination') return undefined;
  const service = parseServiceKey(event.service);
  if (service === undefined) return undefined;
  // keepalived keeps no protocol for firewall marks (check_data.c, validate_check_config).
  const protocol = service.kind === 'fwmark' ? 'none' : service.protocol;
  const name =
    service.kind === 'fwmark'
      ? `FWM ${service.fwmark}`
      : trio(event.service.slice(protocol.length + 1), protocol);
  const state = event.state.toUpperCase();
  if (event.kind === 'quorum') return `VS ${name} ${state}\n`;
  return `RS ${trio(event.destination, protocol)} ${name} ${state}\n`;
}

/** lib/utils.c, inet_sockaddrtotrio. */
function trio(hostPort: string, protocol: string): string {
  const parsed = parseHostPort(hostPort);
  return parsed === undefined ? hostPort : `[${parsed.address}]:${protocol}:${parsed.port}`;
}
