import type { Host } from '../lab/host.ts';
import type { Program } from '../lab/program.ts';

export interface Iperf3Options {
  /** 2 unless given. */
  readonly seconds?: number;
  /** Connections at once; 1 unless given. */
  readonly parallel?: number;
  /** From the server to the client. */
  readonly reverse?: boolean;
  readonly from?: string;
  /** 5201 unless given. */
  readonly port?: number;
}

export interface Iperf3Result {
  /** As received. */
  readonly bitsPerSecond: number;
  readonly bytes: number;
  /** Of TCP segments, by the sender. */
  readonly retransmits: number;
}

/** iperf3 needs its control and its data connection at the same server: persistence, or a service with one server. */
export function startIperf3(host: Host, port = 5201): Promise<Program> {
  return host.startServer(['iperf3', '--server', '--port', `${port}`], 'tcp', [port]);
}

/** One TCP measurement; rejects with iperf3's error. */
export async function iperf3(host: Host, server: string, options: Iperf3Options = {}): Promise<Iperf3Result> {
  const { seconds = 2, parallel = 1, reverse = false, from, port = 5201 } = options;
  const source = from === undefined ? [] : ['--bind', from];
  const direction = reverse ? ['--reverse'] : [];
  const numbers = ['--port', `${port}`, '--time', `${seconds}`, '--parallel', `${parallel}`];
  const { stdout } = await host.run(
    [
      'iperf3',
      '--json',
      '--connect-timeout',
      '3000',
      '--client',
      server,
      ...numbers,
      ...source,
      ...direction,
    ],
    { limitMs: (seconds + 10) * 1000 },
  );
  const report = JSON.parse(stdout.toString()) as Iperf3Report;
  if (report.error !== undefined) throw new Error(`iperf3 ${server}: ${report.error}`);
  const { sum_received: received, sum_sent: sent } = report.end;
  return {
    bitsPerSecond: received?.bits_per_second ?? 0,
    bytes: received?.bytes ?? 0,
    retransmits: sent?.retransmits ?? 0,
  };
}

/** Of what iperf3 3.12 prints, the part that is read. */
interface Iperf3Report {
  readonly error?: string;
  readonly end: {
    readonly sum_received?: { readonly bits_per_second: number; readonly bytes: number };
    readonly sum_sent?: { readonly retransmits?: number };
  };
}
