import { type Destination, destinationKey, IPIP_TUNNEL } from '../model/destination.ts';
import type { Writable } from './yaml-text.ts';

/** What the table has of a destination, as keys of vipr.yaml. */
export function formatDestinationFields(
  destination: Destination,
): Readonly<Record<string, Writable | undefined>> {
  const { forwarding, weight, upperThreshold, lowerThreshold, proxyProtocol } = destination;
  return {
    address: destinationKey(destination),
    method: forwarding,
    weight,
    ...(upperThreshold !== 0 && { 'upper-threshold': upperThreshold }),
    ...(lowerThreshold !== 0 && { 'lower-threshold': lowerThreshold }),
    tunnel: formatTunnel(destination),
    'proxy-protocol': proxyProtocol,
  };
}

function formatTunnel({ tunnel: { type, port, checksum } }: Destination): Writable | undefined {
  if (type === IPIP_TUNNEL.type && port === IPIP_TUNNEL.port && checksum === IPIP_TUNNEL.checksum) {
    return undefined;
  }
  return { type, ...(port !== 0 && { port }), ...(checksum !== 'none' && { checksum }) };
}
