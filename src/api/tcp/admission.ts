import type { IncomingMessage } from 'node:http';
import type { IpAddress } from '../../model/address.ts';
import { RequestRefusedError } from '../problem.ts';
import type { BearerToken } from './bearer-token.ts';

/**
 * Lets a request over TCP pass, or throws what it is refused with. With a token, whoever brings it may do everything. Without one
 * the API reads only, and only for those who name it by an address of loopback: a web page whose name was made to point there
 * (DNS rebinding) comes with its own name.
 */
export function admit(request: IncomingMessage, address: IpAddress, token: BearerToken | undefined): void {
  if (token !== undefined) {
    if (token.admits(request.headers.authorization)) return;
    const given = request.headers.authorization !== undefined;
    throw new RequestRefusedError(
      401,
      'PERMISSION_DENIED',
      given ? 'The token of the request is not the right one.' : 'The request brings no token.',
      'Send the header `Authorization: Bearer TOKEN` with the first line of the file that the configuration names.',
    );
  }
  if (!namesLoopback(request.headers.host, address)) {
    throw new RequestRefusedError(
      421,
      'PERMISSION_DENIED',
      `The request is for the host ${JSON.stringify(request.headers.host ?? '')}, which this is not.`,
      `Use the address in the URL, such as http://${address.includes(':') ? `[${address}]` : address}/, or localhost.`,
    );
  }
  if (request.method !== 'GET') {
    throw new RequestRefusedError(
      403,
      'PERMISSION_DENIED',
      'Without a token the API only reads over TCP.',
      'Use the control socket, or name a file with a token in the configuration.',
    );
  }
}

function namesLoopback(host: string | undefined, address: IpAddress): boolean {
  const name = (host ?? '')
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '127.0.0.1' || name === '::1' || name === address;
}
