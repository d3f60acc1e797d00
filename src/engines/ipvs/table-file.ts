import { closeSync, openSync, readSync } from 'node:fs';
import { addressFromBytes, type IpAddress } from '../../model/address.ts';
import type { ForwardingMethod } from '../../model/destination.ts';
import type { Protocol, ServiceId } from '../../model/service.ts';
import type { FirewallMark, Port, Weight } from '../../model/unit.ts';
import type { DestinationOverview } from '../engine.ts';
import { dottedQuad } from './dotted-quad.ts';
import { LineScanner } from './line-scanner.ts';

/** A service of the file with what the file tells of its destinations. */
export interface TableSection {
  /** Of a service on a mark the file does not tell the family. */
  readonly service:
    | Extract<ServiceId, { kind: 'address' }>
    | { readonly kind: 'fwmark'; readonly fwmark: FirewallMark };
  readonly destinations: readonly DestinationOverview[];
}

const PROC_NET = '/proc/net';
/** Bytes that are asked for at once; the kernel gives some 4 KiB a time (fs/seq_file.c). */
const CHUNK_BYTES = 65536;

/**
 * The table as /proc/net/ip_vs shows it to the network namespace of who reads (ip_vs_ctl.c, ip_vs_info_seq_show), in the order in
 * which netlink lists services; none where there is no such file, and up to the first line that is not known. It takes the kernel a tenth of
 * the time that a netlink list for each service takes. It does not tell `bypass` from `masquerade`.
 *
 * @param directory where the file lies, for tests
 */
export function readTable(directory = PROC_NET): readonly TableSection[] {
  return parseTable(readText(`${directory}/ip_vs`));
}

/**
 * The destinations of each service, as far as the file tells them. Where other network namespaces have services too, the kernel leaves
 * out some: a read goes on at a place that is counted with those of all (ip_vs_info_seq_next), but looked for among its own
 * (ip_vs_info_array).
 */
export function destinationsOf(
  services: readonly ServiceId[],
  sections: readonly TableSection[],
): (readonly DestinationOverview[] | undefined)[] {
  let at = 0;
  return services.map((id) => {
    const section = sections[at];
    if (section === undefined || !isSame(id, section.service)) return undefined;
    at += 1;
    return section.destinations;
  });
}

function isSame(id: ServiceId, service: TableSection['service']): boolean {
  if (id.kind === 'fwmark') return service.kind === 'fwmark' && id.fwmark === service.fwmark;
  if (service.kind === 'fwmark') return false;
  return id.address === service.address && id.port === service.port && id.protocol === service.protocol;
}

/** Reads at once, without the event loop: there are hundreds of pieces, and the kernel has each of them at hand. */
function readText(path: string): string {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let text = '';
  try {
    const file = openSync(path, 'r');
    try {
      for (;;) {
        const length = readSync(file, chunk);
        if (length === 0) return text;
        text += chunk.toString('latin1', 0, length);
      }
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}

/** Lines before the first service. */
const TITLE_LINES = 3;
const ROW = '  -> ';
/** Each with the blank behind it. */
const METHOD_WORDS = ['Masq ', 'Route ', 'Tunnel ', 'Local '];
const METHODS: readonly ForwardingMethod[] = ['masquerade', 'direct', 'tunnel', 'local'];
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['TCP', 'tcp'],
  ['UDP', 'udp'],
  ['SCTP', 'sctp'],
]);

function parseTable(text: string): readonly TableSection[] {
  const sections: TableSection[] = [];
  let destinations: DestinationOverview[] = [];
  const file = new LineScanner(text);
  for (let line = 0; line < TITLE_LINES; line++) file.nextLine();
  while (file.nextLine()) {
    if (file.skip(ROW)) {
      const destination = readRow(file);
      if (destination === undefined) return sections.slice(0, -1);
      destinations.push(destination);
    } else {
      const service = readService(file);
      if (service === undefined) break;
      destinations = [];
      sections.push({ service, destinations });
    }
  }
  return sections;
}

/** `TCP  0A000001:0050 wlc `, `TCP  [2001:…:0001]:0050 wlc `, `FWM  00000003 wlc `: protocol, name, scheduler, flags. */
function readService(line: LineScanner): TableSection['service'] | undefined {
  const word = line.word();
  if (word === 'FWM') {
    const fwmark = line.hexadecimal();
    return line.failed ? undefined : { kind: 'fwmark', fwmark: (fwmark >>> 0) as FirewallMark };
  }
  const protocol = PROTOCOLS.get(word);
  const address = readAddress(line);
  const port = line.hexadecimal();
  if (protocol === undefined || address === undefined || line.failed) return undefined;
  return { kind: 'address', protocol, address, port: port as Port };
}

/** `  -> AC100101:0050      Masq    1      0          0         `: name, method, weight, active and inactive connections. */
function readRow(line: LineScanner): DestinationOverview | undefined {
  const address = readAddress(line);
  const port = line.hexadecimal();
  const forwarding = METHODS[line.oneOf(METHOD_WORDS)];
  const weight = line.decimal();
  const activeConnections = line.decimal();
  const inactiveConnections = line.decimal();
  if (address === undefined || forwarding === undefined || line.failed) return undefined;
  return {
    address,
    port: port as Port,
    forwarding,
    weight: weight as Weight,
    activeConnections,
    inactiveConnections,
  };
}

/** `0A000001:`, or eight groups of four digits in brackets and a colon. */
function readAddress(line: LineScanner): IpAddress | undefined {
  if (!line.skip('[')) {
    const word = line.hexadecimal();
    return line.skip(':') ? dottedQuad(word) : undefined;
  }
  const digits = line.upTo(']:').replaceAll(':', '');
  return /^[0-9a-f]{32}$/.test(digits) ? addressFromBytes(Buffer.from(digits, 'hex')) : undefined;
}
