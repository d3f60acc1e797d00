import type { ViprError } from '../model/error.ts';
import type { OperationKind } from '../model/operation.ts';

/**
 * What to print on standard error where an operation failed: the original's text where IPVS has the same error, vipr's
 * own message and hint for errors that IPVS does not know.
 */
export function errorText(error: ViprError, kind: OperationKind | undefined): string {
  switch (error.code) {
    case 'SERVICE_EXISTS':
      return 'Service already exists';
    case 'SERVICE_NOT_FOUND':
      return kind !== undefined && ABOUT_DESTINATIONS.has(kind) ? 'Service not defined' : 'No such service';
    case 'DESTINATION_EXISTS':
      return 'Destination already exists';
    case 'DESTINATION_NOT_FOUND':
      return 'No such destination';
    case 'SCHEDULER_NOT_FOUND':
    case 'PERSISTENCE_ENGINE_NOT_FOUND':
      return 'Scheduler or persistence engine not found';
    case 'INVALID_OPERATION':
      return 'Invalid operation.  Possibly wrong module version, address not unicast, ...';
    case 'OUT_OF_RANGE':
      // strerror(3) of ERANGE and of ENODEV, for which ipvsadm has no text of its own
      return 'Numerical result out of range';
    case 'INTERFACE_NOT_FOUND':
      return 'No such device';
    case 'FAMILY_NOT_SUPPORTED':
      return 'Operation not supported with specified address family';
    case 'DAEMON_RUNNING':
      return 'Daemon has already run';
    case 'DAEMON_NOT_RUNNING':
      return 'No daemon is running';
    case 'SYSTEM_CALL_FAILED':
      return KERNEL_TEXTS.get(error.errno ?? '') ?? withHint(error);
    case 'NOT_SUPPORTED_BY_ENGINE':
    case 'ADDRESS_IN_USE':
    case 'ADDRESS_NOT_LOCAL':
    case 'PERMISSION_DENIED':
    case 'ENGINE_FAILED':
    case 'ENGINE_UNAVAILABLE':
    case 'DIRECTOR_NOT_RUNNING':
    case 'DIRECTOR_RUNNING':
    case 'APPLY_REFUSED':
    case 'CONFIG_INVALID':
    case 'CONFIG_UNREADABLE':
    case 'REQUEST_INVALID':
    case 'RESPONSE_INVALID':
    case 'USAGE':
      return withHint(error);
    default:
      throw new Error(`no text for ${error.code satisfies never}`);
  }
}

/** strerror(3) of what IPVS passes on of a daemon's socket, for which ipvsadm has no text of its own. */
const KERNEL_TEXTS: ReadonlyMap<string, string> = new Map([['ENETUNREACH', 'Network is unreachable']]);

const ABOUT_DESTINATIONS: ReadonlySet<OperationKind> = new Set([
  'add-destination',
  'edit-destination',
  'delete-destination',
]);

/** Message and hint as sentences on one line. */
export function withHint({ message, hint }: ViprError): string {
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return hint === undefined ? sentence : `${sentence} ${hint}`;
}
