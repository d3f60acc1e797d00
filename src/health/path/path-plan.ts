import { familyOf, type IpAddress } from '../../model/address.ts';
import type { CheckEndpoint } from '../../model/check.ts';
import type { Destination, Tunnel } from '../../model/destination.ts';
import type { ServiceId } from '../../model/service.ts';
import type { Attempt } from '../checker.ts';
import { CheckFailure } from '../connect/talk.ts';

/** What a check of the path sends, and where. */
export interface PathPlan {
  readonly method: 'direct' | 'tunnel' | 'masquerade';
  /** Whom the segment is for, and who has to answer: the VIP, or by masquerading the destination. */
  readonly server: IpAddress;
  readonly port: number;
  /** Where the packet goes first: the destination. */
  readonly via: IpAddress;
  readonly tunnel?: Tunnel;
  readonly endpoint: CheckEndpoint;
}

/**
 * What it takes to check the path of a service to a destination. Throws a CheckFailure that says why it cannot be checked.
 */
export function planPath({ service, destination, endpoint }: PathSubject): PathPlan {
  if (service.kind === 'fwmark')
    throw new CheckFailure(
      'a service of a firewall mark has no address to connect to: give it another check',
    );
  if (service.protocol !== 'tcp')
    throw new CheckFailure(
      `the path is checked by a TCP connection, and this service is of ${service.protocol}: give it another check`,
    );
  const via = endpoint.address ?? destination.address;
  const { forwarding } = destination;
  switch (forwarding) {
    case 'direct':
      if (familyOf(service.address) !== familyOf(via))
        throw new CheckFailure('direct routing needs a VIP and a destination of one family');
      return {
        method: 'direct',
        server: service.address,
        port: portOf(endpoint, service.port),
        via,
        endpoint,
      };
    case 'tunnel': {
      const port = portOf(endpoint, service.port);
      return { method: 'tunnel', server: service.address, port, via, tunnel: destination.tunnel, endpoint };
    }
    case 'masquerade': {
      const port = portOf(endpoint, destination.port || service.port);
      return { method: 'masquerade', server: via, port, via, endpoint };
    }
    case 'local':
    case 'bypass':
      throw new CheckFailure(`packets are not sent to a destination by ${forwarding}: give it another check`);
  }
}

/** What a path belongs to. */
export type PathSubject = Pick<Attempt, 'endpoint'> & {
  readonly service: ServiceId;
  readonly destination: Destination;
};

function portOf({ port }: CheckEndpoint, own: number): number {
  const chosen = port ?? own;
  if (chosen === 0) throw new CheckFailure('the service has every port: give the check one');
  return chosen;
}
