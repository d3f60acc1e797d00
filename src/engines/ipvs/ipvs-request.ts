import type { Operation, OperationKind } from '../../model/operation.ts';
import { type GenericFamily, genericBody } from '../../netlink/generic-netlink.ts';
import type { NetlinkRequest } from '../../netlink/netlink-request.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { refuseUnsupported } from './capability.ts';
import { writeTimeouts } from './config-codec.ts';
import { writeDaemon, writeDaemonRole } from './daemon-codec.ts';
import { writeDestination, writeDestinationId } from './destination-codec.ts';
import { IPVS_COMMANDS, type IpvsCommand } from './ipvs-message.ts';
import { writeService, writeServiceId } from './service-codec.ts';

/** A request of the family IPVS. */
export function ipvsRequest(
  family: GenericFamily,
  command: IpvsCommand,
  body?: (writer: NetlinkWriter) => void,
): NetlinkRequest {
  const number = IPVS_COMMANDS[command];
  return { name: `IPVS_CMD_${command}`, type: family.id, body: genericBody(number, family.version, body) };
}

/** The request that carries an operation out. What the kernel has no word for its body refuses (NOT_SUPPORTED_BY_ENGINE). */
export function requestOf(family: GenericFamily, operation: Operation): NetlinkRequest {
  return ipvsRequest(family, COMMANDS[operation.kind], (writer) => {
    refuseUnsupported(operation);
    writeOperation(writer, operation);
  });
}

const COMMANDS: Readonly<Record<OperationKind, IpvsCommand>> = {
  'add-service': 'NEW_SERVICE',
  'edit-service': 'SET_SERVICE',
  'delete-service': 'DEL_SERVICE',
  'add-destination': 'NEW_DEST',
  'edit-destination': 'SET_DEST',
  'delete-destination': 'DEL_DEST',
  flush: 'FLUSH',
  zero: 'ZERO',
  'set-timeouts': 'SET_CONFIG',
  'start-daemon': 'NEW_DAEMON',
  'stop-daemon': 'DEL_DAEMON',
};

function writeOperation(writer: NetlinkWriter, operation: Operation): void {
  switch (operation.kind) {
    case 'add-service':
    case 'edit-service':
      writeService(writer, operation.service, operation.settings);
      break;
    case 'delete-service':
      writeServiceId(writer, operation.service);
      break;
    case 'add-destination':
    case 'edit-destination':
      writeServiceId(writer, operation.service);
      writeDestination(writer, operation.destination);
      break;
    case 'delete-destination':
      writeServiceId(writer, operation.service);
      writeDestinationId(writer, operation.destination);
      break;
    case 'flush':
      break;
    case 'zero':
      if (operation.service !== undefined) writeServiceId(writer, operation.service);
      break;
    case 'set-timeouts':
      writeTimeouts(writer, operation.timeouts);
      break;
    case 'start-daemon':
      writeDaemon(writer, operation.daemon);
      break;
    case 'stop-daemon':
      writeDaemonRole(writer, operation.role);
      break;
    default:
      throw new TypeError(`unknown operation ${JSON.stringify(operation satisfies never)}`);
  }
}
