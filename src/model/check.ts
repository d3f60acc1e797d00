import type { IpAddress } from './address.ts';
import type { ScriptCommand } from './script-command.ts';
import type { FirewallMark, Milliseconds, Port } from './unit.ts';

/** Where a check connects to, and from where. What is absent is the destination's own, or the system's choice. */
export interface CheckEndpoint {
  readonly address?: IpAddress;
  readonly port?: Port;
  readonly sourceAddress?: IpAddress;
  readonly sourcePort?: Port;
  /** Name of the interface that packets have to leave by (SO_BINDTODEVICE). */
  readonly interface?: string;
  /** Mark of the packets (SO_MARK). */
  readonly mark?: FirewallMark;
}

/** When a check runs, and how many results it takes to believe it. */
export interface CheckTiming {
  /** From the start of one round to the start of the next one; above 0. */
  readonly interval: Milliseconds;
  /** What one attempt may take in all; above 0. */
  readonly timeout: Milliseconds;
  /** Attempts after a failed one before the round has failed; 0 for none. */
  readonly retry: number;
  readonly retryDelay: Milliseconds;
  /** The first round starts at a moment of chance up to this late; 0 starts it at once. */
  readonly warmup: Milliseconds;
  /** Rounds that succeed, one after the other, before a check that was down is up; from 1. */
  readonly rise: number;
  /** Rounds that fail, one after the other, before a check that was up is down; from 1. */
  readonly fall: number;
  /** Whether the check is down until its first success; otherwise it is up until it fails. */
  readonly alpha: boolean;
  /** Whether every failed attempt is logged, and not only those that change something. */
  readonly logAllFailures: boolean;
}

/** Connects by TCP and closes. */
export interface TcpProbe {
  readonly kind: 'tcp';
}

/** How a check speaks TLS. */
export interface TlsSettings {
  /** The name that is asked for (SNI) and that a verified certificate has to have; absent: none is sent. */
  readonly serverName?: string;
  /** Whether the certificate has to be valid for `serverName`, or for the address where there is none. */
  readonly verify: boolean;
  /** A PEM file with authorities to trust instead of the system's. */
  readonly certificateAuthority?: string;
}

/** Text that a body has to contain, or must not contain. */
export interface BodyPattern {
  readonly pattern: RegExp;
  /** Whether the body is good where the pattern is not found. */
  readonly absent: boolean;
  /** Bytes of the body that are skipped before the search. */
  readonly minOffset?: number;
  /** Bytes of the body up to which a match may start. */
  readonly maxOffset?: number;
}

/** One request of an HTTP check, and what makes its answer good. */
export interface HttpRequest {
  /** With its query: `/health?full=1`. */
  readonly path: string;
  readonly method: 'GET' | 'HEAD';
  /** The Host header; absent: the address. */
  readonly virtualHost?: string;
  /** Ranges of good codes, both ends included; empty: 200 to 299. */
  readonly status: readonly (readonly [number, number])[];
  /** What the whole body has to hash to, in lower-case hexadecimal digits. */
  readonly digest?: { readonly algorithm: 'md5' | 'sha256'; readonly value: string };
  readonly body?: BodyPattern;
}

/** HTTP/1.x over TCP or TLS; all requests have to succeed, each on a connection of its own. */
export interface HttpProbe {
  readonly kind: 'http';
  readonly version: '1.0' | '1.1';
  /** Present for HTTPS. */
  readonly tls?: TlsSettings;
  /** At least one. */
  readonly requests: readonly HttpRequest[];
}

/** Greeting, HELO, QUIT (RFC 5321) with every endpoint; with none of them, with the destination. */
export interface SmtpProbe {
  readonly kind: 'smtp';
  readonly heloName: string;
  readonly endpoints: readonly CheckEndpoint[];
}

/** A query by UDP that has to be answered without an error (RFC 1035). */
export interface DnsProbe {
  readonly kind: 'dns';
  /** `A`, `AAAA`, `NS`, `SOA` and so on, in capitals. */
  readonly type: string;
  /** `.` for the root. */
  readonly name: string;
}

/** Sends a datagram; without a required reply, only an ICMP error is a failure. */
export interface UdpProbe {
  readonly kind: 'udp';
  readonly payload: Uint8Array;
  readonly requireReply: boolean;
  /** Bytes. */
  readonly minReplyLength: number;
  /** Bytes. */
  readonly maxReplyLength: number;
}

/** ICMP echo. */
export interface PingProbe {
  readonly kind: 'ping';
}

/** A number in a file: it shifts the weight, or with a factor of 0 fails where it is not 0. */
export interface FileProbe {
  readonly kind: 'file';
  readonly path: string;
  /** -254 to 254. The number times this is added to the weight. */
  readonly factor: number;
}

/** A program whose exit code is the answer: 0 is good, 1 is bad; with `dynamic`, 2 to 255 set the weight to the code less 2. */
export interface MiscProbe {
  readonly kind: 'misc';
  readonly command: ScriptCommand;
  readonly dynamic: boolean;
}

/**
 * A connection to the service's own address along the way that clients' packets take to the destination: to its MAC address, or
 * through its tunnel. It finds what a check of the destination's address cannot: a VIP that is not set up there.
 */
export interface PathProbe {
  readonly kind: 'path';
}

/** What a check does; `src/health` has one file for each kind. */
export type Probe =
  | TcpProbe
  | HttpProbe
  | SmtpProbe
  | DnsProbe
  | UdpProbe
  | PingProbe
  | FileProbe
  | MiscProbe
  | PathProbe;

/** The names of the probes: `tcp`, `http` and so on. */
export type ProbeKind = Probe['kind'];

/** A health check of a destination, complete. */
export interface Check {
  readonly probe: Probe;
  readonly endpoint: CheckEndpoint;
  readonly timing: CheckTiming;
}
