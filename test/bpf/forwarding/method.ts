/** One service for each way of forwarding, on a port of its own. */
export interface Method {
  /** Of the virtual service, and but for masquerading of the server. */
  readonly port: number;
  /** As ipvsadm takes it. */
  readonly options: string;
  /** Where the server has another family than the service. */
  readonly mixed?: true;
  /** Bytes that a packet grows by, besides the outer IP header. */
  readonly part?: number;
}

const GUE = '-i --tun-type gue --tun-port 6080';

export const METHODS = {
  masquerade: { port: 80, options: '-m' },
  direct: { port: 81, options: '-g' },
  ipip: { port: 82, options: '-i', part: 0 },
  gue: { port: 83, options: GUE, part: 12 },
  'gue with checksum': { port: 84, options: `${GUE} --tun-csum`, part: 12 },
  'gue with remote checksum': { port: 85, options: `${GUE} --tun-remcsum`, part: 12 },
  gre: { port: 86, options: '-i --tun-type gre', part: 4 },
  'gre with checksum': { port: 87, options: '-i --tun-type gre --tun-csum', part: 8 },
  'ipip to the other family': { port: 88, options: '-i', mixed: true, part: 0 },
  'gue with checksum to the other family': { port: 89, options: `${GUE} --tun-csum`, mixed: true, part: 12 },
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;

/** What a masqueraded server listens on. */
export const SERVER_PORT = 8080;
/** Of GUE. */
export const GUE_PORT = 6080;
