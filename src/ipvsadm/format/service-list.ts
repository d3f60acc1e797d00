import type { ServiceOverview } from '../../engines/engine.ts';
import type { ServiceStatus } from '../../model/table.ts';
import type { ListStyle } from '../command.ts';
import { formatDestinationRow, formatPlainRow } from './destination-row.ts';
import { type Labels, namingProtocol } from './labels.ts';
import { formatPlainServiceLine, formatServiceLine } from './service-line.ts';

/** The lines of a service and its destinations, in the order given. */
export function formatService(service: ServiceStatus, labels: Labels, style: ListStyle): string {
  const protocol = namingProtocol(service.id);
  let text = formatServiceLine(service, labels, style);
  for (const destination of service.destinations) {
    text += formatDestinationRow(destination, protocol, labels, style);
  }
  return text;
}

/** The same in the columns `standard`. */
export function formatPlainService(service: ServiceOverview, labels: Labels): string {
  const protocol = namingProtocol(service.id);
  let text = formatPlainServiceLine(service, labels);
  for (const destination of service.destinations) text += formatPlainRow(destination, protocol, labels);
  return text;
}
