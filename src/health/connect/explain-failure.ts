import { oneLine } from '../one-line.ts';

/**
 * Why a connection could not be made, or broke, in a few words for people: `connection refused`. Errors of system calls are known
 * by their code; others tell their own message, in one line.
 */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const call = 'call' in error && typeof error.call === 'string' ? error.call : undefined;
  if (call !== undefined && code !== undefined) {
    const words = BY_OPTION[`${call} ${code}`];
    if (words !== undefined) return words;
  }
  return (code !== undefined && BY_CODE[code]) || oneLine(error.message);
}

/** By the call that failed and its errno: what is wrong with where packets have to come from. */
const BY_OPTION: Readonly<Record<string, string>> = {
  'SO_BINDTODEVICE ENODEV': 'no such interface',
  'SO_BINDTODEVICE EPERM': 'may not choose the interface: it takes CAP_NET_RAW',
  'SO_MARK EPERM': 'may not mark packets: it takes CAP_NET_ADMIN',
  'bind EADDRNOTAVAIL': 'the source address is not on this machine',
  'bind EADDRINUSE': 'the source port is in use',
  'bind EACCES': 'may not use the source port: those below 1024 take CAP_NET_BIND_SERVICE',
  'bind EINVAL': 'the source address cannot be used, or is link-local and no interface is given',
};

/** By errno (errno(3)): what connect(2), send(2) and recv(2) answer. */
const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed by the server',
  ECONNABORTED: 'connection aborted',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host is down',
  ENETUNREACH: 'network unreachable',
  ENETDOWN: 'network is down',
  ENOPROTOOPT: 'protocol unreachable',
  ETIMEDOUT: 'no answer',
  EADDRNOTAVAIL: 'no source address or port left for it',
  EADDRINUSE: 'the source port is in use',
  EACCES: 'forbidden by this system or by a firewall',
  EPERM: 'forbidden by this system or by a firewall',
  EINVAL: 'the address cannot be connected to from here',
  EAFNOSUPPORT: 'the address family is not supported by this system',
  EMFILE: 'too many open files in this process',
  ENFILE: 'too many open files on this system',
  ENOBUFS: 'this system has no buffers left',
  ENOMEM: 'this system has no memory left',
  EMSGSIZE: 'the datagram is too large',
};
