import { type Destination, destinationKey } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { type ServiceId, type ServiceSettings, serviceKey } from '../../model/service.ts';
import { schedulerNames } from '../../scheduling/registry.ts';
import type { EngineCapabilities } from '../engine.ts';

/** What the eBPF data plane can do. */
export const EBPF_CAPABILITIES: EngineCapabilities = {
  forwarding: ['masquerade', 'direct', 'tunnel'],
  protocols: ['tcp', 'udp', 'sctp'],
  families: ['inet', 'inet6'],
  schedulers: ['none', ...schedulerNames],
  fwmark: true,
  anyPort: true,
  persistenceEngines: [],
  syncDaemon: true,
  proxyProtocol: false,
};

const KERNEL = `The engine 'ipvs' can, on a kernel that has it.`;

/** Throws NOT_SUPPORTED_BY_ENGINE for what the engine cannot do, with the reason and the engine that can. */
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
    case 'delete-service':
    case 'delete-destination':
    case 'flush':
    case 'zero':
    case 'set-timeouts':
    case 'start-daemon':
    case 'stop-daemon':
      break;
    default:
      operation satisfies never;
  }
}

function refuseService(id: ServiceId, { persistenceEngine }: ServiceSettings): void {
  if (!persistenceEngine) return;
  const what = `${serviceKey(id)}: the persistence engine '${persistenceEngine}'`;
  throw unsupported(`${what}, which reads the datagrams' contents`, KERNEL);
}

function refuseDestination(id: ServiceId, destination: Destination): void {
  const where = `${serviceKey(id)} -> ${destinationKey(destination)}`;
  const { forwarding, proxyProtocol } = destination;
  if (forwarding === 'local' || forwarding === 'bypass') {
    throw unsupported(
      `${where}: the forwarding method '${forwarding}'`,
      `A server on this host is reached by masquerading (-m) or direct routing (-g). ${KERNEL}`,
    );
  }
  if (proxyProtocol === 'v2') {
    throw unsupported(
      `${where}: the PROXY protocol, as packets pass without a change of what they carry`,
      `The engine 'relay' can.`,
    );
  }
}

function unsupported(what: string, hint: string): ViprError {
  return new ViprError('NOT_SUPPORTED_BY_ENGINE', `the eBPF engine cannot do this: ${what}`, { hint });
}
