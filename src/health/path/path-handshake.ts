import { addressBytes, familyOf } from '../../model/address.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../system/raw/constants.ts';
import type { PacketSocket } from '../../system/raw/packet-socket.ts';
import { encapsulate, tunnelProtocol } from './encapsulate.ts';
import { encodeIpPacket } from './ip-packet.ts';
import { type PathAnswer, readPathAnswer, type SentSegment } from './path-answer.ts';
import type { PathPlan } from './path-plan.ts';
import { encodeTcpSegment, IPPROTO_TCP, TCP_RST, TCP_SYN } from './tcp-segment.ts';
import type { Way } from './way.ts';

/** What a handshake needs of a socket. */
export type HandshakeSocket = Pick<PacketSocket, 'send' | 'receive' | 'readable' | 'close'>;

/** What a handshake is made of. */
export interface HandshakeSettings {
  readonly plan: PathPlan;
  readonly way: Way;
  /** Of this host, and kept from the kernel. */
  readonly sourcePort: number;
  /** 32 bits of chance. */
  readonly sequence: number;
  readonly signal: AbortSignal;
}

/**
 * Routers that a packet may pass on its way into the server, which may be a container behind it. A server that has not the
 * VIP, but routes, would send the packet to the director, and from there it would reach a server that has it: this ends it
 * before.
 */
const HOP_LIMIT = 2;
const ROUTED_HOP_LIMIT = 64;
/** To the first repetition of a SYN; the next ones take twice as long each (RFC 6298 sections 2 and 5). */
const REPEAT_MS = 1000;

/**
 * Sends a SYN along the way that clients' segments take, and ends what comes of it by RST along the same way, so that the
 * server keeps nothing. The socket has to receive what the answer filter of the source passes; it is closed at the end.
 * Undefined when time is over.
 */
export async function shakeHands(
  settings: HandshakeSettings,
  socket: HandshakeSocket,
): Promise<PathAnswer | undefined> {
  const handshake = new Handshake(settings, socket);
  try {
    return await handshake.run();
  } finally {
    handshake.end();
  }
}

class Handshake {
  readonly #settings: HandshakeSettings;
  readonly #socket: HandshakeSocket;
  readonly #sent: SentSegment;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  #answer: PathAnswer | undefined;

  constructor(settings: HandshakeSettings, socket: HandshakeSocket) {
    this.#settings = settings;
    this.#socket = socket;
    const { plan, way, sourcePort, sequence } = settings;
    const { tunnel, via, server, port } = plan;
    const segment = {
      source: addressBytes(way.source),
      destination: addressBytes(server),
      sourcePort,
      destinationPort: port,
      sequence,
    };
    const outer =
      tunnel === undefined
        ? undefined
        : { destination: addressBytes(via), protocol: tunnelProtocol(tunnel.type, familyOf(server)) };
    this.#sent = { ...segment, ...(outer === undefined ? {} : { outer }) };
  }

  async run(): Promise<PathAnswer | undefined> {
    const { signal } = this.#settings;
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) return undefined;
    this.#send(TCP_SYN);
    this.#repeatAfter(REPEAT_MS);
    while (!this.#ended) {
      await this.#socket.readable();
      for (const packet of this.#ended ? [] : this.#socket.receive()) {
        this.#answer = readPathAnswer(packet, this.#sent);
        if (this.#answer !== undefined) return this.#answer;
      }
    }
    return undefined;
  }

  /** Closes the socket, which ends a wait for it. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#settings.signal.removeEventListener('abort', this.#onAbort);
    // Also where nothing came: the answer may be what was lost.
    if (this.#answer?.kind !== 'refused') this.#try(TCP_RST);
    this.#socket.close();
  }

  readonly #onAbort = (): void => this.end();

  #repeatAfter(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#try(TCP_SYN);
      this.#repeatAfter(milliseconds * 2);
    }, milliseconds);
  }

  /** A link that is down now may be up for the next packet. */
  #try(flags: number): void {
    try {
      this.#send(flags);
    } catch {
      // The verdict does not depend on it.
    }
  }

  #send(flags: number): void {
    const { plan, way } = this.#settings;
    const { sequence, ...ports } = this.#sent;
    // The SYN took one number, and RST has to have the next one (RFC 9293 section 3.10.7.4).
    const number = flags === TCP_SYN ? sequence : (sequence + 1) >>> 0;
    const payload = encodeTcpSegment({ ...ports, sequence: number, acknowledgement: 0, flags }, this.#sent);
    const hopLimit = plan.method === 'masquerade' ? ROUTED_HOP_LIMIT : HOP_LIMIT;
    const packet = encodeIpPacket({ ...this.#sent, protocol: IPPROTO_TCP, hopLimit, payload });
    const { tunnel, via } = plan;
    const protocol = familyOf(via) === 'inet6' ? ETH_P_IPV6 : ETH_P_IP;
    const ends = { source: addressBytes(way.outerSource), destination: addressBytes(via) };
    const whole = tunnel === undefined ? packet : encapsulate(packet, tunnel, ends, this.#sent.sourcePort);
    this.#socket.send({ index: way.index, protocol, linkLayerAddress: way.linkLayerAddress }, whole);
  }
}
