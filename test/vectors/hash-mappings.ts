/**
 * Which of three servers IPVS's hash schedulers chose for each client address, and its cache schedulers for each
 * destination address.
 *
 * Recorded on Linux 6.12.117 (Debian, amd64) with ipvsadm 1.31, from /proc/net/ip_vs_conn after one datagram each:
 * the service was made first, then servers 1, 2 and 3 (10.2.0.11, .12, .13) were added in this order.
 */
export interface ClientMapping {
  readonly scheduler: string;
  readonly fallback: boolean;
  readonly byPort: boolean;
  /** The port of the service and of its servers. */
  readonly port: number;
  /** Of servers 1, 2 and 3 when they were added. */
  readonly weights: readonly [number, number, number];
  /** Whether server 2 was set to weight 0 afterwards. */
  readonly quiesced: boolean;
  /** For each of {@link clientAddresses} the number of its server; `-` where it was refused. */
  readonly picks: string;
}

export const clientPort = 7000;

export const clientAddresses: readonly string[] = `
  10.1.1.1 10.1.1.2 10.1.1.3 10.1.1.4 10.1.1.5 10.1.1.6 10.1.1.7 10.1.1.8
  10.1.1.9 10.1.1.10 10.1.1.11 10.1.1.12 10.1.1.13 10.1.1.14 10.1.1.15 10.1.1.16
  10.1.1.17 10.1.1.18 10.1.1.19 10.1.1.20 10.1.1.21 10.1.1.22 10.1.1.23 10.1.1.24
  10.1.84.243 10.1.40.102 10.1.168.13 10.1.20.211 10.1.139.25 10.1.95.150 10.1.16.233 10.1.131.55
  10.1.11.23 10.1.113.108 10.1.19.62 10.1.25.142 10.1.110.16 10.1.213.145 10.1.33.243 10.1.59.162
  10.1.162.150 10.1.244.16 10.1.149.150 10.1.103.13 10.1.58.12 10.1.144.220 10.1.36.75 10.1.109.37
`
  .trim()
  .split(/\s+/);

export const clientMappings: readonly ClientMapping[] = [
  {
    scheduler: 'sh',
    fallback: false,
    byPort: false,
    port: 3001,
    weights: [1, 1, 1],
    quiesced: false,
    picks: '232121213131123232121213123112121223113222121133',
  },
  {
    scheduler: 'sh',
    fallback: false,
    byPort: false,
    port: 3002,
    weights: [1, 2, 3],
    quiesced: false,
    picks: '232131313333132322323212132113331223333222133332',
  },
  {
    scheduler: 'sh',
    fallback: false,
    byPort: true,
    port: 3003,
    weights: [1, 1, 1],
    quiesced: false,
    picks: '312132311212331213231321231222232233223333132131',
  },
  {
    scheduler: 'mh',
    fallback: false,
    byPort: false,
    port: 3004,
    weights: [1, 1, 1],
    quiesced: false,
    picks: '313132231231232313311133231221111312233112113322',
  },
  {
    scheduler: 'mh',
    fallback: false,
    byPort: false,
    port: 3005,
    weights: [1, 2, 3],
    quiesced: false,
    picks: '332332332133333233213322323232313333132323332311',
  },
  {
    scheduler: 'mh',
    fallback: false,
    byPort: true,
    port: 3006,
    weights: [1, 1, 1],
    quiesced: false,
    picks: '322231112321333223322322211323231321331112111331',
  },
  {
    scheduler: 'sh',
    fallback: false,
    byPort: false,
    port: 3007,
    weights: [1, 0, 1],
    quiesced: false,
    picks: '-3-1-1-131311-3-3-1-1-131-311-1-1--3113---1-1133',
  },
  {
    scheduler: 'sh',
    fallback: true,
    byPort: false,
    port: 3008,
    weights: [1, 0, 1],
    quiesced: false,
    picks: '131111113131113131111113113111111113113111111133',
  },
  {
    scheduler: 'mh',
    fallback: false,
    byPort: false,
    port: 3010,
    weights: [1, 1, 1],
    quiesced: true,
    picks: '133131131111-111-111111-1113-111-1---113---11-31',
  },
  {
    scheduler: 'mh',
    fallback: true,
    byPort: false,
    port: 3024,
    weights: [1, 1, 1],
    quiesced: true,
    picks: '331331331333133113313331313313333333111313113131',
  },
];

/** A service for a firewall mark, with servers of weights 1, 2 and 3 and port 0. */
export interface DestinationMapping {
  readonly scheduler: string;
  /** Inactive connections that servers 1, 2 and 3 had from earlier recordings. */
  readonly countsBefore: readonly [number, number, number];
  /** The server of one flow to each of {@link destinationAddresses}, one after another. */
  readonly picks: string;
  /** Inactive connections afterwards. */
  readonly countsAfter: readonly [number, number, number];
}

/** 192.0.2.64 to 192.0.2.103. */
export const destinationAddresses: readonly string[] = Array.from(
  { length: 40 },
  (_, index) => `192.0.2.${64 + index}`,
);

export const destinationMappings: readonly DestinationMapping[] = [
  {
    scheduler: 'dh',
    countsBefore: [0, 0, 0],
    picks: '2131213131323232121213132323112123313132',
    countsAfter: [14, 12, 14],
  },
  {
    scheduler: 'lblc',
    countsBefore: [14, 12, 14],
    picks: '3333323233232332323323233232332323323233',
    countsAfter: [14, 26, 40],
  },
  {
    scheduler: 'lblcr',
    countsBefore: [14, 26, 40],
    picks: '2323321323321323321323321323321323321323',
    countsAfter: [20, 40, 60],
  },
];
