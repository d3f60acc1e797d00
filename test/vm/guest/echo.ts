import { setTimeout as delay } from 'node:timers/promises';
import { build, data, ethernet, icmp, ipv4, parse } from '../../packet/packet.ts';

/** Between whom an echo goes. */
export interface EchoEnds {
  /** Link-layer addresses. */
  readonly sourceMac: string;
  readonly destinationMac: string;
  readonly client: string;
  /** Of the director. */
  readonly address: string;
}

/** Types of ICMP messages (RFC 792). */
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
const LIMIT_MS = 30_000;
const PAUSE_MS = 2;

let echoes = 0;

/**
 * Has a director answer an ICMP echo: frames that came before it by the same device are dealt with then. Throws where there is no
 * answer.
 */
export async function echo(
  ends: EchoEnds,
  send: (frame: Buffer) => void,
  receive: () => Buffer | undefined,
): Promise<void> {
  const word = ++echoes;
  // What was not read yet may fill the buffer that the answer needs.
  while (receive() !== undefined);
  send(
    build([
      ethernet({ source: ends.sourceMac, destination: ends.destinationMac }),
      ipv4({ source: ends.client, destination: ends.address }),
      icmp(ECHO_REQUEST, 0, word),
      data('echo'),
    ]),
  );
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    const frame = receive();
    if (frame !== undefined && isEchoReply(frame, word)) return;
    if (Date.now() > end) throw new Error(`${ends.address} answered no echo for ${LIMIT_MS / 1000} s`);
    if (frame === undefined) await delay(PAUSE_MS);
  }
}

function isEchoReply(frame: Buffer, word: number): boolean {
  return parse(frame).some(
    (layer) => layer.layer === 'icmp' && layer.type === ECHO_REPLY && layer.word === word,
  );
}
