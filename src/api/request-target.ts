import { connect, type Socket } from 'node:net';
import { ViprError } from '../model/error.ts';
import type { DirectorAddress } from './director-address.ts';

/** What requests go to. */
export interface RequestTarget {
  /** For people. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  open(): Socket | Promise<Socket>;
  /** A failure of a connection, with what to do about it. */
  explain(cause: NodeJS.ErrnoException): ViprError;
}

export function socketTarget(path: string): RequestTarget {
  return {
    name: path,
    headers: { Host: 'vipr' },
    open: () => connect(path),
    explain: (cause) => explainSocket(cause, path),
  };
}

/** Throws USAGE for what is no URL of a director. */
export function tcpTarget({ url, token, certificateAuthority }: DirectorAddress): RequestTarget {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.pathname !== '/') {
    throw new ViprError('USAGE', `${JSON.stringify(url)} is not the URL of a director.`, {
      hint: 'Give one such as https://127.0.0.1:9327, without a path.',
    });
  }
  const isSecure = parsed.protocol === 'https:';
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(parsed.port || (isSecure ? 443 : 80));
  return {
    name: url,
    headers: {
      Host: parsed.host,
      ...(token !== undefined && { Authorization: `Bearer ${headerWord(token)}` }),
    },
    open: async () => {
      if (!isSecure) return connect({ host, port });
      // Loaded only here: it would delay the start of ipvsadm.
      const tls = await import('node:tls');
      return tls.connect({
        host,
        port,
        ...(!/^[\d.]+$|:/.test(host) && { servername: host }),
        ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
      });
    },
    explain: (cause) => explainTcp(cause, url),
  };
}

/** A line end would end the header. */
function headerWord(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new ViprError('USAGE', 'The token has characters that a header cannot have.', {
    hint: "Give the first line of the director's token file, without its line end.",
  });
}

function explainSocket(cause: NodeJS.ErrnoException, at: string): ViprError {
  const code = String(cause.code);
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new ViprError('DIRECTOR_NOT_RUNNING', `No director is running at ${at} (${code}).`, {
        cause,
        hint: 'Start one with `vipr up`, or name its socket in VIPR_SOCKET.',
      });
    case 'EACCES':
    case 'EPERM':
      return new ViprError('PERMISSION_DENIED', `This user may not open the director's socket ${at}.`, {
        cause,
        errno: code,
        hint: 'Run the command as the user who runs the director, or as root.',
      });
    case 'ECONNRESET':
    case 'EPIPE':
      return wentAway(cause, at);
  }
  return new ViprError('SYSTEM_CALL_FAILED', `The director's socket ${at} failed: ${cause.message}.`, {
    cause,
    errno: code,
    hint: 'Check the path of the socket; it has at most 107 bytes.',
  });
}

function explainTcp(cause: NodeJS.ErrnoException, at: string): ViprError {
  const code = String(cause.code);
  switch (code) {
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return new ViprError('DIRECTOR_NOT_RUNNING', `No director answers at ${at} (${code}).`, {
        cause,
        hint: "Check the URL, and that the director's configuration has `api` with this address and port.",
      });
    case 'ECONNRESET':
    case 'EPIPE':
      return wentAway(cause, at);
  }
  if (/CERT|TLS|SSL|SIGNATURE|ALTNAME/.test(code)) {
    return new ViprError('RESPONSE_INVALID', `What answers at ${at} is not trusted: ${cause.message}.`, {
      cause,
      hint: "Give the director's certificate, or its authority's, as one to trust, and a name in the URL that it is for.",
    });
  }
  return new ViprError('SYSTEM_CALL_FAILED', `The connection to ${at} failed: ${cause.message}.`, {
    cause,
    errno: code,
    hint: 'Check the name and the port in the URL.',
  });
}

function wentAway(cause: NodeJS.ErrnoException, at: string): ViprError {
  return new ViprError('DIRECTOR_NOT_RUNNING', `The director at ${at} went away before it had answered.`, {
    cause,
    errno: String(cause.code),
    hint: 'Look at its log; whether the request was carried out, the table of the next director tells.',
  });
}
