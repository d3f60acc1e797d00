import type { Host } from '../lab/host.ts';

export interface TracerouteOptions {
  /** What is sent: UDP to ports from 33434 on unless given. With a port, all go to it. */
  readonly by?: 'icmp' | { readonly tcp: number } | { readonly udp: number };
  /** The client's address. */
  readonly from?: string;
  /** 5 unless given. */
  readonly hops?: number;
}

/** The address that answered at each hop, undefined where none did within a second; ends at `address`. */
export async function traceroute(
  host: Host,
  address: string,
  options: TracerouteOptions = {},
): Promise<readonly (string | undefined)[]> {
  const { hops = 5, from, by } = options;
  const source = from === undefined ? [] : ['-s', from];
  const words = [
    'traceroute',
    '-n',
    '-q',
    '1',
    '-w',
    '1',
    '-m',
    `${hops}`,
    ...source,
    ...methodWords(by),
    address,
  ];
  const text = await host.output(words, { limitMs: 5000 + hops * 1500 });
  return [...text.matchAll(/^ *\d+ +(\S+)/gm)].map(([, hop]) => (hop === '*' ? undefined : hop));
}

function methodWords(by: TracerouteOptions['by']): readonly string[] {
  if (by === undefined) return [];
  if (by === 'icmp') return ['-I'];
  return 'tcp' in by ? ['-T', '-p', `${by.tcp}`] : ['-U', '-p', `${by.udp}`];
}
