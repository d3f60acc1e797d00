import { checkServerIdentity, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { oneLine } from '../one-line.ts';

/**
 * What is wrong with the server's certificate, and which of its chain it is; undefined where it is valid for `identity`, a name or an
 * address. Asked after a handshake whose result was ignored.
 */
export function certificateObjection(socket: TLSSocket, identity: string): string | undefined {
  const leaf = socket.getPeerCertificate(true);
  if (Object.keys(leaf).length === 0) return 'TLS: the server has no certificate';
  if (!socket.authorized) {
    const code = String(socket.authorizationError);
    return oneLine(`TLS: ${explainChain(code, leaf)}`, MOST);
  }
  if (checkServerIdentity(identity, leaf) === undefined) return undefined;
  return oneLine(`TLS: certificate ${nameOf(leaf)} is not for ${identity}, but for ${namesIn(leaf)}`, MOST);
}

const MOST = 300;

/** By OpenSSL's code (X509_verify_cert_error_string(3)). */
function explainChain(code: string, leaf: DetailedPeerCertificate): string {
  const chain = chainOf(leaf);
  const last = chain.at(-1) ?? leaf;
  switch (code) {
    case 'CERT_HAS_EXPIRED': {
      const expired = earliest(chain, ({ valid_to }) => Date.parse(valid_to));
      return `certificate ${nameOf(expired)} expired on ${dateOf(expired.valid_to)}`;
    }
    case 'CERT_NOT_YET_VALID': {
      const early = earliest(chain, ({ valid_from }) => -Date.parse(valid_from));
      return `certificate ${nameOf(early)} is not valid before ${dateOf(early.valid_from)}`;
    }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return `certificate ${nameOf(leaf)} is signed by itself, and not trusted`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return `certificate ${nameOf(leaf)} ends at the authority ${nameOf(last)}, which is not trusted`;
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `certificate ${nameOf(last)} is issued by ${issuerOf(last)}, which is neither trusted nor sent by the server`;
    default:
      return `certificate ${nameOf(leaf)}: ${code.toLowerCase().replaceAll('_', ' ')}`;
  }
}

/** From the server's own up. The one of an authority that signs itself ends the chain as its own issuer. */
function chainOf(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next !== undefined && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

/** At least one. */
function earliest(
  chain: readonly DetailedPeerCertificate[],
  when: (certificate: DetailedPeerCertificate) => number,
): DetailedPeerCertificate {
  return chain.reduce((first, other) => (when(other) < when(first) ? other : first));
}

function nameOf({ subject }: DetailedPeerCertificate): string {
  return distinguishedName(subject);
}

function issuerOf({ issuer }: DetailedPeerCertificate): string {
  return distinguishedName(issuer);
}

function distinguishedName(name: DetailedPeerCertificate['subject'] | undefined): string {
  const text = name?.CN ?? name?.O ?? name?.OU;
  return `"${Array.isArray(text) ? text.join(', ') : (text ?? '')}"`;
}

function namesIn({ subject, subjectaltname }: DetailedPeerCertificate): string {
  return subjectaltname ?? distinguishedName(subject);
}

function dateOf(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString().slice(0, 10);
}
