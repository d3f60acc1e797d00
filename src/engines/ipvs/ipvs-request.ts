import type { Operation } from '../../model/operation.ts';
import { type GenericFamily, genericRequest } from '../../netlink/generic-netlink.ts';
import type { NetlinkRequest } from '../../netlink/netlink-request.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
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
  const request = { name: `IPVS_CMD_${command}`, command: IPVS_COMMANDS[command] };
  return genericRequest(family, body === undefined ? request : { ...request, body });
}

/** The request that carries an operation out. */
export function requestOf(family: GenericFamily, operation: Operation): NetlinkRequest {
  switch (operation.kind) {
    case 'add-service':
      return ipvsRequest(family, 'NEW_SERVICE', (writer) =>
        writeService(writer, operation.service, operation.settings),
      );
    case 'edit-service':
      return ipvsRequest(family, 'SET_SERVICE', (writer) =>
        writeService(writer, operation.service, operation.settings),
      );
    case 'delete-service':
      return ipvsRequest(family, 'DEL_SERVICE', (writer) => writeServiceId(writer, operation.service));
    case 'add-destination':
      return ipvsRequest(family, 'NEW_DEST', (writer) => {
        writeServiceId(writer, operation.service);
        writeDestination(writer, operation.destination);
      });
    case 'edit-destination':
      return ipvsRequest(family, 'SET_DEST', (writer) => {
        writeServiceId(writer, operation.service);
        writeDestination(writer, operation.destination);
      });
    case 'delete-destination':
      return ipvsRequest(family, 'DEL_DEST', (writer) => {
        writeServiceId(writer, operation.service);
        writeDestinationId(writer, operation.destination);
      });
    case 'flush':
      return ipvsRequest(family, 'FLUSH');
    case 'zero': {
      const { service } = operation;
      return ipvsRequest(family, 'ZERO', service && ((writer) => writeServiceId(writer, service)));
    }
    case 'set-timeouts':
      return ipvsRequest(family, 'SET_CONFIG', (writer) => writeTimeouts(writer, operation.timeouts));
    case 'start-daemon':
      return ipvsRequest(family, 'NEW_DAEMON', (writer) => writeDaemon(writer, operation.daemon));
    case 'stop-daemon':
      return ipvsRequest(family, 'DEL_DAEMON', (writer) => writeDaemonRole(writer, operation.role));
    default:
      operation satisfies never;
      throw new TypeError(`unknown operation ${JSON.stringify(operation)}`);
  }
}
