import { destinationKey } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { serviceKey } from '../../model/service.ts';
import type { EngineCapabilities } from '../engine.ts';
import { ALL_SCHEDULERS } from './kernel-schedulers.ts';

/** What the kernel's IPVS can do at most; an engine's `info()` names the schedulers that its kernel has. */
export const IPVS_CAPABILITIES: EngineCapabilities = {
  forwarding: ['masquerade', 'direct', 'tunnel', 'local', 'bypass'],
  protocols: ['tcp', 'udp', 'sctp'],
  families: ['inet', 'inet6'],
  schedulers: [...ALL_SCHEDULERS, 'none'],
  fwmark: true,
  anyPort: true,
  persistenceEngines: ['sip'],
  syncDaemon: true,
  proxyProtocol: false,
};

/** Throws NOT_SUPPORTED_BY_ENGINE for what the kernel has no word for, and so would leave out in silence. */
export function refuseUnsupported(operation: Operation): void {
  if (operation.kind !== 'add-destination' && operation.kind !== 'edit-destination') return;
  if (operation.destination.proxyProtocol !== 'v2') return;
  throw new ViprError(
    'NOT_SUPPORTED_BY_ENGINE',
    `the ipvs engine cannot do this: ${serviceKey(operation.service)} -> ${destinationKey(operation.destination)}: ` +
      'the PROXY protocol: packets are forwarded without a word added',
    { hint: "The engine 'relay' can." },
  );
}
