import { destinationKey } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { serviceKey } from '../../model/service.ts';
import type { EngineCapabilities } from '../engine.ts';

/** The schedulers that come with Linux; `twos` since 5.19. Which of them a kernel was built with shows only by their use. */
export const KERNEL_SCHEDULERS: readonly string[] = [
  ...['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'sed', 'nq', 'fo', 'ovf', 'mh', 'twos'],
  'none',
];

export const IPVS_CAPABILITIES: EngineCapabilities = {
  forwarding: ['masquerade', 'direct', 'tunnel', 'local', 'bypass'],
  protocols: ['tcp', 'udp', 'sctp'],
  families: ['inet', 'inet6'],
  schedulers: KERNEL_SCHEDULERS,
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
