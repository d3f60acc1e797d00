import type { Layer } from '../../packet/packet.ts';
import { data, sctp, sctpChunk, sctpData, sctpInit, tcp, udp } from '../../packet/packet.ts';
import { flow, frame } from './flow.ts';
import type { Lab } from './lab.ts';
import type { Outcome, Sending } from './run-frame.ts';

const CONTROL_BITS = { F: 'fin', S: 'syn', R: 'rst', P: 'psh', A: 'ack', U: 'urg' } as const;

/** Sends a TCP segment; `bits` are letters of F S R P A U, such as `SA`, or none. */
export function segment(lab: Lab, text: string, bits: string, sending: Sending = {}): Outcome {
  const { from, to } = flow(text);
  const flags = Object.entries(CONTROL_BITS).flatMap(([letter, flag]) =>
    bits.includes(letter) ? [flag] : [],
  );
  return send(lab, text, tcp({ source: from.port, destination: to.port, flags }), sending);
}

/** Sends a UDP datagram with some bytes of payload. */
export function datagram(lab: Lab, text: string, sending: Sending = {}, payload = 'ping'): Outcome {
  const { from, to } = flow(text);
  return send(lab, text, udp({ source: from.port, destination: to.port }), sending, [data(payload)]);
}

/** The types of chunks by which IPVS follows SCTP. */
export type ChunkName = 'data' | 'init' | 'init-ack' | Exclude<Parameters<typeof sctpChunk>[0], number>;

/** Sends an SCTP packet of chunks. */
export function chunks(lab: Lab, text: string, names: readonly ChunkName[], sending: Sending = {}): Outcome {
  const { from, to } = flow(text);
  const layer = sctp({ source: from.port, destination: to.port, chunks: names.map(chunk) });
  return send(lab, text, layer, sending);
}

function chunk(name: ChunkName) {
  if (name === 'data') return sctpData();
  return name === 'init' || name === 'init-ack' ? sctpInit(name) : sctpChunk(name);
}

function send(
  lab: Lab,
  text: string,
  transport: Layer,
  sending: Sending,
  inner: readonly Layer[] = [],
): Outcome {
  return lab.send(frame(flow(text), transport, lab.network[sending.on ?? 'clients'].mac, inner), sending);
}
