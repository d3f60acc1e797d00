import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { IpAddress } from '../../model/address.ts';
import type { TlsSettings } from '../../model/check.ts';
import type { TlsClient } from '../connect/converse.ts';
import { explainFailure } from '../connect/explain-failure.ts';
import { oneLine } from '../one-line.ts';
import { certificateObjection } from './certificate-objection.ts';
import { trustedContext, trustingContext } from './secure-context.ts';

/**
 * How to speak TLS with a server. Throws CheckFailure where the file of authorities cannot be used. Contexts are kept: making one
 * takes longer than a handshake.
 */
export async function tlsClientFor(settings: TlsSettings, address: IpAddress): Promise<TlsClient> {
  const context = settings.verify ? await trustedContext(settings.certificateAuthority) : trustingContext();
  return new CheckTlsClient(
    context,
    settings.serverName,
    settings.verify ? (settings.serverName ?? address) : undefined,
  );
}

class CheckTlsClient implements TlsClient {
  readonly #context: SecureContext;
  readonly #serverName: string | undefined;
  /** What the certificate has to be for; undefined where it does not matter. */
  readonly #identity: string | undefined;

  constructor(context: SecureContext, serverName: string | undefined, identity: string | undefined) {
    this.#context = context;
    // SNI has no addresses (RFC 6066, section 3).
    this.#serverName = serverName === undefined || isIP(serverName) > 0 ? undefined : serverName;
    this.#identity = identity;
  }

  start(socket: Socket): TLSSocket {
    return connect({
      socket,
      secureContext: this.#context,
      ...(this.#serverName !== undefined && { servername: this.#serverName }),
      // The certificate is looked at after the handshake, which can then say more than one code.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
  }

  objection(socket: TLSSocket): string | undefined {
    return this.#identity === undefined ? undefined : certificateObjection(socket, this.#identity);
  }

  /** OpenSSL's own words where there are any: its messages also have source files and numbers. */
  explain(error: unknown): string {
    if (error instanceof Error && 'reason' in error && typeof error.reason === 'string')
      return `TLS: ${oneLine(error.reason)}${NOT_TLS.has(error.reason) ? ' (the server may not speak TLS)' : ''}`;
    const dropped = error instanceof Error && error.message.includes('before secure TLS connection');
    return `TLS: ${dropped ? 'connection closed' : explainFailure(error)} in the handshake`;
  }
}

/** What OpenSSL finds where the other side speaks something else. */
const NOT_TLS: ReadonlySet<string> = new Set([
  'wrong version number',
  'packet length too long',
  'http request',
]);
