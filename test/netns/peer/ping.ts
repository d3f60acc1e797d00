import type { Host } from '../lab/host.ts';

export interface PingOptions {
  /** Requests; 1 unless given. */
  readonly count?: number;
  /** Bytes of ICMP payload; 56 unless given. */
  readonly size?: number;
  /** The client's address. */
  readonly from?: string;
  /** Whether packets may be fragmented; ping's own way unless given. */
  readonly fragment?: boolean;
}

export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** All that ping said. */
  readonly text: string;
}

/** Pings an address of either family, five times a second, and waits a second for the last answer. */
export async function ping(host: Host, address: string, options: PingOptions = {}): Promise<PingResult> {
  const { count = 1, size = 56, from, fragment } = options;
  const words = ['ping', '-n', '-c', `${count}`, '-i', '0.2', '-W', '1', '-s', `${size}`];
  if (from !== undefined) words.push('-I', from);
  if (fragment !== undefined) words.push('-M', fragment ? 'dont' : 'do');
  const { stdout, stderr } = await host.run([...words, address], { limitMs: 5000 + count * 500 });
  const text = `${stdout}${stderr}`;
  const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(text) ?? [];
  if (sent === undefined) throw new Error(`${host.name}: ping ${address}: ${text}`);
  return { sent: Number(sent), received: Number(received), text };
}
