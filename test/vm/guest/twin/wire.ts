import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DEVICE_MACS,
  OWN,
  ROUTER,
  ROUTER_MAC,
  SIDES,
  type Side,
  TWINS,
  type Twin,
  wireEnd,
} from '../../ebpf/twin-address.ts';
import { echo } from '../echo.ts';
import { PacketSocket } from '../packet-socket.ts';

/** A frame that a director sent. */
export interface Departure {
  readonly side: Side;
  readonly frame: Buffer;
}

const TRIES = 40;
const PAUSE_MS = 5;

/** The ends of both directors' devices: sends frames to both, and hears what they send. */
export class Wire {
  readonly #ends = new Map<string, PacketSocket>();

  constructor() {
    for (const twin of TWINS)
      for (const side of SIDES) {
        const name = wireEnd(twin, side);
        const index = Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
        this.#ends.set(name, new PacketSocket(index, { receives: true }));
      }
  }

  /** Has a frame come in at a side of both directors. */
  send(side: Side, frame: Uint8Array): void {
    for (const twin of TWINS) this.#end(twin, side).send(frame);
  }

  /** What each director has sent since; waits a moment where one has sent less than the other. */
  async departures(): Promise<Readonly<Record<Twin, readonly Departure[]>>> {
    const heard: Record<Twin, Departure[]> = { kernel: [], vipr: [] };
    for (let tries = 0; ; tries++) {
      for (const twin of TWINS) heard[twin].push(...this.#hear(twin));
      if (heard.kernel.length === heard.vipr.length || tries === TRIES) return heard;
      await delay(PAUSE_MS);
    }
  }

  /** Resolves when both directors are done with what came in from clients; what they have sent is not heard any more. */
  async settled(): Promise<void> {
    const ends = {
      sourceMac: ROUTER_MAC,
      destinationMac: DEVICE_MACS.clients,
      client: ROUTER,
      address: OWN.inet,
    };
    for (const twin of TWINS) {
      const end = this.#end(twin, 'clients');
      await echo(
        ends,
        (frame) => end.send(frame),
        () => end.receive(),
      );
      this.#hear(twin);
    }
  }

  close(): void {
    for (const end of this.#ends.values()) end.close();
  }

  #hear(twin: Twin): Departure[] {
    const heard: Departure[] = [];
    for (const side of SIDES) {
      const end = this.#end(twin, side);
      for (let frame = end.receive(); frame !== undefined; frame = end.receive())
        if (isTraffic(frame)) heard.push({ side, frame });
    }
    return heard;
  }

  #end(twin: Twin, side: Side): PacketSocket {
    const end = this.#ends.get(wireEnd(twin, side));
    if (end === undefined) throw new RangeError(`no end at ${twin}'s ${side}`);
    return end;
  }
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ICMPV6 = 58;
/** RFC 4443: below it are errors; multicast listener and neighbour discovery lie above echoes. */
const FIRST_HOUSEHOLD_TYPE = 130;

/** Neither ARP nor what ICMPv6 does to keep house. */
function isTraffic(frame: Buffer): boolean {
  const type = frame.readUInt16BE(12);
  if (type !== IPV6) return type === IPV4;
  const next = frame.readUInt8(20);
  // Reports of multicast listeners have a hop-by-hop header.
  return next !== 0 && !(next === ICMPV6 && frame.readUInt8(54) >= FIRST_HOUSEHOLD_TYPE);
}
