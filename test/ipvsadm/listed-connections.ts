import type { Names } from '../../src/ipvsadm/names.ts';
import { type IpAddress, parseIpAddress } from '../../src/model/address.ts';
import type { ConnectionEntry } from '../../src/model/connection.ts';
import type { FirewallMark, Port } from '../../src/model/unit.ts';

const ROW = /^(TCP|UDP|SCTP|IP) +(\d+):(\d\d) +(\S+) +(\S+) +(\S+) +(\S+)(?: +(\S+) +(\S+))?$/;

/** The entries that a list of `-L -c` shows, so that an engine can be given them. */
export function listedConnections(list: string, names: Names): ConnectionEntry[] {
  return list
    .split('\n')
    .map((line) => ROW.exec(line))
    .filter((row) => row !== null)
    .map((row) => entryOf(row.slice(1), names));
}

function entryOf(cells: readonly (string | undefined)[], names: Names): ConnectionEntry {
  const [name = '', minutes, seconds, state = '', client = '', virtual = '', destination = '', engine, data] =
    cells;
  const protocol = name.toLowerCase() as ConnectionEntry['protocol'];
  const from = endpointOf(client, protocol, names);
  const to = endpointOf(virtual, protocol, names);
  const server = endpointOf(destination, protocol, names);
  return {
    protocol,
    clientAddress: from.address,
    clientPort: from.port,
    virtualAddress: protocol === 'ip' ? { fwmark: markOf(to.address) } : to.address,
    virtualPort: to.port,
    destinationAddress: server.address,
    destinationPort: server.port,
    state,
    expiresIn: Number(minutes) * 60 + Number(seconds),
    ...(engine === undefined ? {} : { persistenceEngine: engine }),
    ...(data === undefined ? {} : { persistenceData: data }),
  };
}

function endpointOf(text: string, protocol: ConnectionEntry['protocol'], names: Names) {
  const colon = text.lastIndexOf(':');
  const address = parseIpAddress(text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'));
  const portText = text.slice(colon + 1);
  const named = protocol === 'ip' ? undefined : names.servicePort(portText, protocol);
  const port = /^\d+$/.test(portText) ? Number(portText) : named;
  if (address === undefined || port === undefined) throw new Error(`not an endpoint: ${text}`);
  return { address, port: port as Port };
}

/** The mark that `0.0.0.6` stands for. */
function markOf(address: IpAddress): FirewallMark {
  return address.split('.').reduce((mark, part) => mark * 256 + Number(part), 0) as FirewallMark;
}
