import type { Host } from '../lab/host.ts';

const SCRIPT = new URL('./udp-client-process.ts', import.meta.url).pathname;

/** What the process is told. */
export interface UdpQuestions {
  readonly server: string;
  readonly port: number;
  /** One datagram each. */
  readonly texts: readonly string[];
  /** The client's address and port; the system's choice unless given. */
  readonly from?: string;
  readonly fromPort?: number;
  /** A port of its own for each datagram: each is a connection. */
  readonly apart?: boolean;
  /** How long an answer is waited for; 1000 unless given. */
  readonly limitMs?: number;
}

/** What answers a datagram: the text, or the code of the error that an ICMP message made, or null. */
export type UdpAnswer = { readonly text: string } | { readonly error: string } | null;

/** Sends datagrams, one after the other has been answered or given up, and resolves to their answers. */
export async function askUdp(host: Host, questions: UdpQuestions): Promise<readonly UdpAnswer[]> {
  const limitMs = 5000 + questions.texts.length * ((questions.limitMs ?? 1000) + 10);
  const output = await host.output([process.execPath, SCRIPT, JSON.stringify(questions)], { limitMs });
  return JSON.parse(output) as readonly UdpAnswer[];
}
