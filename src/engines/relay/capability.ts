import { type Destination, destinationKey } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { type ServiceId, type ServiceSettings, serviceKey } from '../../model/service.ts';
import { schedulerNames } from '../../scheduling/registry.ts';
import type { EngineCapabilities } from '../engine.ts';

/** What a relay in userspace can do: it ends connections itself, so it only ever masquerades. */
export const RELAY_CAPABILITIES: EngineCapabilities = {
  forwarding: ['masquerade'],
  protocols: ['tcp', 'udp'],
  families: ['inet', 'inet6'],
  schedulers: ['none', ...schedulerNames],
  fwmark: false,
  anyPort: false,
  persistenceEngines: [],
  syncDaemon: false,
  proxyProtocol: true,
};

const KERNEL = `The engine 'ipvs' can, on a kernel that has it.`;
const OTHERS = `The engine 'ebpf' can, and 'ipvs' on a kernel that has it.`;
const MASQUERADE = 'Use -m (masquerading) with this engine.';

/** Throws NOT_SUPPORTED_BY_ENGINE for what the relay cannot do, with the reason and the engine that can. */
export function refuseUnsupported(operation: Operation): void {
  switch (operation.kind) {
    case 'add-service':
    case 'edit-service':
      refuseService(operation.service, operation.settings);
      break;
    case 'add-destination':
    case 'edit-destination':
      refuseDestination(operation.service, operation.destination);
      break;
    case 'start-daemon':
      throw unsupported(
        `connection synchronisation: a userspace relay's connections cannot move to another host`,
      );
    case 'delete-service':
    case 'delete-destination':
    case 'flush':
    case 'zero':
    case 'set-timeouts':
    case 'stop-daemon':
      break;
    default:
      operation satisfies never;
  }
}

function refuseService(id: ServiceId, settings: ServiceSettings): void {
  const key = serviceKey(id);
  if (id.kind === 'fwmark') {
    throw unsupported(`${key}: firewall marks: a socket does not show the mark of its packets`);
  }
  if (id.protocol === 'sctp') throw unsupported(`${key}: SCTP`);
  if (id.port === 0) {
    throw unsupported(`${key}: port 0 (every port of an address): a socket listens on one port`);
  }
  if (settings.persistenceEngine) {
    throw unsupported(`${key}: the persistence engine '${settings.persistenceEngine}'`, KERNEL);
  }
}

function refuseDestination(id: ServiceId, destination: Destination): void {
  const where = `${serviceKey(id)} -> ${destinationKey(destination)}`;
  switch (destination.forwarding) {
    case 'masquerade':
      break;
    case 'direct':
      throw unsupported(
        `${where}: direct routing (-g, ipvsadm's default): a socket cannot pass packets on unchanged`,
        `${MASQUERADE} ${OTHERS}`,
      );
    case 'tunnel':
      throw unsupported(
        `${where}: tunnelling (-i): a socket cannot pass packets on unchanged`,
        `${MASQUERADE} ${OTHERS}`,
      );
    case 'local':
    case 'bypass':
      throw unsupported(
        `${where}: the forwarding method '${destination.forwarding}'`,
        `${MASQUERADE} ${KERNEL}`,
      );
    default:
      destination.forwarding satisfies never;
  }
  if (destination.port === 0) throw unsupported(`${where}: port 0 of a destination`);
}

function unsupported(what: string, hint = OTHERS): ViprError {
  return new ViprError('NOT_SUPPORTED_BY_ENGINE', `the relay engine cannot do this: ${what}`, { hint });
}
