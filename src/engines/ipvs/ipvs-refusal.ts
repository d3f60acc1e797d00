import type { Destination } from '../../model/destination.ts';
import { ViprError, type ViprErrorCode } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { type ServiceId, type ServiceSettings, serviceKey } from '../../model/service.ts';
import {
  checkDestination,
  checkFamilies,
  checkNames,
  checkNetmask,
  isMixedFamily,
} from '../../model/validate.ts';
import type { NetlinkError } from '../../netlink/netlink-error.ts';
import {
  daemonNotRunning,
  daemonRefused,
  daemonRunning,
  destinationExists,
  destinationNotFound,
  interfaceNotFound,
  mixedFamilyWhileSynchronising,
  notUnicast,
  persistenceEngineNotFound,
  schedulerNotFound,
  serviceExists,
  serviceNotFound,
} from '../table/refusal.ts';
import { ALL_SCHEDULERS } from './kernel-schedulers.ts';

/**
 * Why the kernel refused an operation with this errno: the meaning of an errno depends on the operation (ip_vs_ctl.c,
 * ip_vs_genl_set_cmd and what it calls). Undefined where IPVS gives no such errno for it. Where the kernel's answer says
 * little, the model's own checks say what is wrong; whether it is wrong stays the kernel's word.
 */
export function refusalOf(operation: Operation, { code }: NetlinkError): ViprError | undefined {
  switch (operation.kind) {
    case 'add-service':
    case 'edit-service':
      return refusalOfService(operation.service, operation.settings, code);
    case 'delete-service':
      return code === 'ESRCH' ? serviceNotFound(operation.service) : undefined;
    case 'zero':
      return code === 'ESRCH' && operation.service ? serviceNotFound(operation.service) : undefined;
    case 'add-destination':
    case 'edit-destination':
      return refusalOfDestination(operation.service, operation.destination, code);
    case 'delete-destination':
      if (code === 'ESRCH') return serviceNotFound(operation.service);
      return code === 'ENOENT' ? destinationNotFound(operation.service, operation.destination) : undefined;
    case 'set-timeouts':
      return code === 'EINVAL' || code === 'ERANGE' ? impossibleTimeout() : undefined;
    case 'start-daemon':
      return refusalOfDaemon(operation.daemon.role, operation.daemon.interface, code);
    case 'stop-daemon':
      return code === 'ESRCH' ? daemonNotRunning(operation.role) : undefined;
    case 'flush':
      return undefined;
    default:
      operation satisfies never;
      return undefined;
  }
}

function refusalOfService(id: ServiceId, settings: ServiceSettings, code: string): ViprError | undefined {
  switch (code) {
    case 'EEXIST':
      return serviceExists(id);
    case 'ESRCH':
      return serviceNotFound(id);
    case 'ENOENT':
      return missingModule(id, settings);
    case 'EINVAL':
      return (
        explanation('INVALID_OPERATION', () => {
          checkNames(id, settings);
          checkNetmask(id, settings);
        }) ?? invalid(`${serviceKey(id)}: the kernel takes no service with these settings`)
      );
    case 'EAFNOSUPPORT':
      return familyNotSupported(id);
    default:
      return undefined;
  }
}

/** The kernel looks for the scheduler first, and its answer for either is the same. */
function missingModule(id: ServiceId, { scheduler, persistenceEngine }: ServiceSettings): ViprError {
  return persistenceEngine && [...ALL_SCHEDULERS, 'none'].includes(scheduler)
    ? persistenceEngineNotFound(id, persistenceEngine)
    : schedulerNotFound(id, scheduler);
}

function refusalOfDestination(id: ServiceId, destination: Destination, code: string): ViprError | undefined {
  switch (code) {
    case 'EEXIST':
      return destinationExists(id, destination);
    case 'ESRCH':
      return serviceNotFound(id);
    case 'ENOENT':
      return destinationNotFound(id, destination);
    case 'ERANGE':
      return explanation('OUT_OF_RANGE', () => checkDestination(id, destination));
    case 'EINVAL':
      return (
        explanation('INVALID_OPERATION', () => {
          checkFamilies(id, destination);
          checkDestination(id, destination);
        }) ??
        (isMixedFamily(id, destination)
          ? mixedFamilyWhileSynchronising(id, destination)
          : notUnicast(id, destination))
      );
    case 'EAFNOSUPPORT':
      return familyNotSupported(id);
    default:
      return undefined;
  }
}

function refusalOfDaemon(role: 'master' | 'backup', name: string, code: string): ViprError | undefined {
  switch (code) {
    case 'EEXIST':
      return daemonRunning(role);
    case 'ENODEV':
      return interfaceNotFound(name);
    case 'EINVAL':
      return daemonRefused(
        role,
        'the kernel takes no daemon with these settings',
        'Give a multicast group and the name of an interface; no destination may be of another address family than its service.',
      );
    case 'ENETUNREACH':
      return new ViprError(
        'SYSTEM_CALL_FAILED',
        `the ${role} synchronisation daemon cannot reach its multicast group by interface '${name}'`,
        { hint: 'Give an interface that is up and has an address of the family of the group.' },
      );
    default:
      return undefined;
  }
}

function impossibleTimeout(): ViprError {
  return invalid(
    'a timeout is negative, or longer than the timers of the kernel can be',
    'Give seconds below 2147483.',
  );
}

function familyNotSupported(id: ServiceId): ViprError {
  return new ViprError(
    'FAMILY_NOT_SUPPORTED',
    `${serviceKey(id)}: the kernel has no IPVS for this address family`,
    {
      hint: 'IPv6 needs a kernel that has it, switched on (the boot option ipv6.disable=1 switches it off).',
    },
  );
}

function invalid(
  message: string,
  hint = 'Compare the settings with what the kernel allows: ipvsadm(8).',
): ViprError {
  return new ViprError('INVALID_OPERATION', message, { hint });
}

/** What a check finds wrong, if it is of this code. */
function explanation(code: ViprErrorCode, check: () => void): ViprError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof ViprError)) throw error;
    return error.code === code ? error : undefined;
  }
}
