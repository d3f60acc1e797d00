import type { Family } from '../../../src/model/address.ts';
import { MARK, MARKED, VIRTUAL } from '../../scheduling/scenario-address.ts';
import { GUE_PORT } from '../traffic/network.ts';

/** A virtual service that both directors have. */
export interface TwinService {
  readonly family: Family;
  readonly protocol: 'tcp' | 'udp';
  /** Where clients send to. */
  readonly address: string;
  readonly port: number;
  /** What servers answer from: their own address, with this port, under NAT; else the virtual address. */
  readonly serverPort: number | undefined;
  /** Whether the choice of a server depends on how many connections it has. */
  readonly loaded: boolean;
  /** Lines of `ipvsadm -R`. */
  readonly lines: readonly string[];
}

export const TWIN_SERVERS: Readonly<Record<Family, readonly string[]>> = {
  inet: ['10.2.0.11', '10.2.0.12', '10.2.0.13'],
  inet6: ['fd02::11', 'fd02::12', 'fd02::13'],
};

const FAMILIES = ['inet', 'inet6'] as const;
const SERVER_PORT = 8080;
const GUE = `-i --tun-type gue --tun-port ${GUE_PORT}`;
/** Ways to a server; a tunnel may lead to one of the other family. */
const METHODS = [
  { options: '-m' },
  { options: '-g' },
  { options: '-i' },
  { options: GUE },
  { options: `${GUE} --tun-csum` },
  { options: '-i --tun-type gre' },
  { options: '-i --tun-type gre --tun-csum' },
  { options: '-i', mixed: true },
] as const;
/** Services that are more than round robin, by their own and their servers' options. */
const KINDS = [
  { own: '-s rr -p PERSISTENCE', server: '-m' },
  { own: '-s rr -p PERSISTENCE', server: '-g' },
  { own: '-s rr -p PERSISTENCE -M NETWORK', server: '-m' },
  { own: '-s wlc', server: '-m -w 2', loaded: true },
  { own: '-s rr', server: '-m -x 3 -y 2', loaded: true },
  { own: '-s sh -b sh-port', server: '-g' },
] as const;
/** Ports begin here, one after the other. */
const FIRST_PORT = 80;
const PORTS = METHODS.length + KINDS.length + 1;

/** Every virtual address of any round. */
export const TWIN_ADDRESSES: readonly string[] = Array.from({ length: 10 }, (_, round) => twinServices(round))
  .flat()
  .map(({ address }) => address);

/**
 * A service for each method, protocol and family, and such of other kinds. Those of rounds 0 to 9 are others, so that what one leaves behind
 * does not count in the next; only the firewall mark is the same. `persistence` is in seconds.
 */
export function twinServices(round: number, persistence = 30): readonly TwinService[] {
  const first = FIRST_PORT + round * PORTS;
  return FAMILIES.flatMap((family) => [
    ...METHODS.flatMap((method, index) => {
      const servers = TWIN_SERVERS['mixed' in method ? otherFamily(family) : family];
      return both((protocol) =>
        service({ family, protocol, port: first + index, own: '-s rr', servers, server: method.options }),
      );
    }),
    ...KINDS.flatMap(({ own, server, ...rest }, index) =>
      both((protocol) =>
        service({
          family,
          protocol,
          port: first + METHODS.length + index,
          own: own
            .replace('PERSISTENCE', `${persistence}`)
            .replace('NETWORK', family === 'inet' ? '255.255.255.0' : '112'),
          servers: TWIN_SERVERS[family],
          server,
          ...rest,
        }),
      ),
    ),
    service({
      family,
      protocol: 'udp',
      port: first + PORTS - 1,
      own: '-s rr -o',
      servers: TWIN_SERVERS[family],
      server: '-g',
    }),
    ...both((protocol) => anyPort(family, protocol, 20 + round, persistence)),
    ...both((protocol) => marked(family, protocol, persistence)),
  ]);
}

function both(make: (protocol: 'tcp' | 'udp') => TwinService): TwinService[] {
  return [make('tcp'), make('udp')];
}

interface Kind {
  readonly family: Family;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly own: string;
  readonly servers: readonly string[];
  readonly server: string;
  readonly loaded?: boolean;
}

function service({ family, protocol, port, own, servers, server, loaded = false }: Kind): TwinService {
  const nat = server.startsWith('-m');
  const id = `-${protocol[0]} ${bracketed(VIRTUAL[family])}:${port}`;
  return {
    family,
    protocol,
    address: VIRTUAL[family],
    port,
    serverPort: nat ? SERVER_PORT : undefined,
    loaded,
    lines: [
      `-A ${id} ${own}`,
      ...servers.map((address) => `-a ${id} -r ${bracketed(address)}:${nat ? SERVER_PORT : port} ${server}`),
    ],
  };
}

/** Port 0, which takes persistence. */
function anyPort(family: Family, protocol: 'tcp' | 'udp', last: number, persistence: number): TwinService {
  const address = family === 'inet' ? `192.0.2.${last}` : `2001:db8::${last}`;
  const id = `-${protocol[0]} ${bracketed(address)}:0`;
  const servers = TWIN_SERVERS[family].map((server) => `-a ${id} -r ${bracketed(server)}:0 -m`);
  return {
    family,
    protocol,
    address,
    port: 443,
    serverPort: 443,
    loaded: false,
    lines: [`-A ${id} -s rr -p ${persistence}`, ...servers],
  };
}

/** The firewall mark's; one for both protocols. */
function marked(family: Family, protocol: 'tcp' | 'udp', persistence: number): TwinService {
  const id = `-f ${MARK}${family === 'inet6' ? ' -6' : ''}`;
  const servers = TWIN_SERVERS[family].map((server) => `-a ${id} -r ${bracketed(server)}:0 -m`);
  return {
    family,
    protocol,
    address: `${MARKED[family]}9`,
    port: 25,
    serverPort: 25,
    loaded: false,
    lines: protocol === 'tcp' ? [`-A ${id} -s rr -p ${persistence}`, ...servers] : [],
  };
}

function otherFamily(family: Family): Family {
  return family === 'inet' ? 'inet6' : 'inet';
}

export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
