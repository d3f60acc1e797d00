import manifest from '../../../package.json' with { type: 'json' };
import { familyOf } from '../../model/address.ts';
import type { HttpProbe, HttpRequest } from '../../model/check.ts';
import { hostPort } from '../../model/service.ts';
import type { ConnectTarget } from '../connect/connect-target.ts';
import { CheckFailure } from '../connect/talk.ts';
import { quoted } from '../one-line.ts';

/** The request as it is sent, RFC 9112, section 3. Throws {@link CheckFailure} where the virtual host cannot be sent. */
export function requestText(probe: HttpProbe, request: HttpRequest, target: ConnectTarget): string {
  return (
    `${request.method} ${pathOf(request)} HTTP/${probe.version}\r\n` +
    `Host: ${hostOf(probe, request, target)}\r\n` +
    `User-Agent: vipr/${manifest.version}\r\n` +
    'Connection: close\r\n\r\n'
  );
}

/** The path as it is sent: what may not stand in a request line is percent-encoded, as UTF-8. */
export function pathOf({ path }: HttpRequest): string {
  const encoded = path.replace(/[^\u0021-\u007e]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
  return encoded.startsWith('/') ? encoded : `/${encoded}`;
}

/** Without a port where it is the protocol's own (RFC 9110, section 7.2). */
function hostOf(probe: HttpProbe, request: HttpRequest, { address, port }: ConnectTarget): string {
  const { virtualHost } = request;
  if (virtualHost !== undefined) {
    if (!/^[\u0021-\u007e]+$/.test(virtualHost))
      throw new CheckFailure(`the virtual host cannot be sent in a Host header: ${quoted(virtualHost)}`);
    return virtualHost;
  }
  if (port !== (probe.tls === undefined ? 80 : 443)) return hostPort(address, port);
  return familyOf(address) === 'inet6' ? `[${address}]` : address;
}
