import type { ServiceStatus } from '../../model/table.ts';
import type { ListStyle } from '../command.ts';
import { formatDestinationRow } from './destination-row.ts';
import { type Labels, namingProtocol } from './labels.ts';
import { formatServiceLine } from './service-line.ts';

/** The lines of a service and its destinations, in the order given. */
export function formatService(service: ServiceStatus, labels: Labels, style: ListStyle): string {
  const protocol = namingProtocol(service.id);
  let text = formatServiceLine(service, labels, style);
  for (const destination of service.destinations) {
    text += formatDestinationRow(destination, protocol, labels, style);
  }
  return text;
}
