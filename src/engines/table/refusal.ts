import type { DaemonRole } from '../../model/daemon.ts';
import { type DestinationId, destinationKey } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import { type ServiceId, serviceKey } from '../../model/service.ts';

/** The table's refusals that more than one engine or operation gives, in one wording. */

export function serviceExists(id: ServiceId): ViprError {
  return new ViprError('SERVICE_EXISTS', `${serviceKey(id)}: the service exists already`, {
    hint: 'Edit it, or delete it first.',
  });
}

export function serviceNotFound(id: ServiceId): ViprError {
  return new ViprError('SERVICE_NOT_FOUND', `${serviceKey(id)}: no such service`, {
    hint: 'Add the service first; listing the table shows those that exist.',
  });
}

export function destinationExists(id: ServiceId, destination: DestinationId): ViprError {
  return new ViprError(
    'DESTINATION_EXISTS',
    `${serviceKey(id)}: the service has the destination ${destinationKey(destination)} already`,
    { hint: 'Edit it, or delete it first; the forwarding method does not tell destinations apart.' },
  );
}

export function destinationNotFound(id: ServiceId, destination: DestinationId): ViprError {
  return new ViprError(
    'DESTINATION_NOT_FOUND',
    `${serviceKey(id)}: the service has no destination ${destinationKey(destination)}`,
    { hint: 'Add it first; listing the service shows the destinations that it has.' },
  );
}

export function notUnicast(id: ServiceId, destination: DestinationId): ViprError {
  return new ViprError(
    'INVALID_OPERATION',
    `${serviceKey(id)}: ${destinationKey(destination)} is not the address of one host`,
    { hint: 'Give a unicast address that is not link-local.' },
  );
}

export function mixedFamilyWhileSynchronising(id: ServiceId, destination: DestinationId): ViprError {
  return new ViprError(
    'INVALID_OPERATION',
    `${serviceKey(id)}: ${destinationKey(destination)} is of the other address family, which connection synchronisation cannot carry`,
    { hint: 'Stop the synchronisation daemons, or use an address of the family of the service.' },
  );
}

export function schedulerNotFound(id: ServiceId, name: string): ViprError {
  return new ViprError('SCHEDULER_NOT_FOUND', `${serviceKey(id)}: there is no scheduler '${name}'`, {
    hint: 'Check the spelling; wlc is the usual choice.',
  });
}

export function persistenceEngineNotFound(id: ServiceId, name: string): ViprError {
  return new ViprError(
    'PERSISTENCE_ENGINE_NOT_FOUND',
    `${serviceKey(id)}: there is no persistence engine '${name}'`,
    { hint: 'Check the spelling; sip is the only one.' },
  );
}

export function timeoutOutOfRange(name: string, seconds: number, most: number): ViprError {
  return new ViprError('INVALID_OPERATION', `a ${name} timeout of ${seconds} seconds is impossible`, {
    hint: `Give 1 to ${most} seconds, or 0 to keep the timeout as it is.`,
  });
}

export function daemonRunning(role: DaemonRole): ViprError {
  return new ViprError('DAEMON_RUNNING', `the ${role} synchronisation daemon runs already`, {
    hint: 'Stop it first to start it with other settings.',
  });
}

export function daemonNotRunning(role: DaemonRole): ViprError {
  return new ViprError('DAEMON_NOT_RUNNING', `the ${role} synchronisation daemon does not run`, {
    hint: 'Listing the daemons shows those that run.',
  });
}

export function interfaceNotFound(name: string): ViprError {
  return new ViprError('INTERFACE_NOT_FOUND', `there is no network interface '${name}'`, {
    hint: "Name an interface that is there for the synchronisation: `--mcast-interface`, or `interface` in the configuration's sync.",
  });
}

export function daemonRefused(role: DaemonRole, reason: string, hint: string): ViprError {
  return new ViprError('INVALID_OPERATION', `cannot start the ${role} synchronisation daemon: ${reason}`, {
    hint,
  });
}
