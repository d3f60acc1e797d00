import type { IpAddress } from '../../src/model/address.ts';
import { addressFromBytes } from '../../src/model/address.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import { internetChecksum } from '../../src/system/internet-checksum.ts';
import { VRRP_PROTOCOL } from '../../src/vrrp/packet/advertisement.ts';
import type { ReceivedPacket } from '../../src/vrrp/packet/decode-advertisement.ts';
import { encodeAdvertisement } from '../../src/vrrp/packet/encode-advertisement.ts';
import { pseudoHeaderOf } from '../../src/vrrp/packet/pseudo-header.ts';
import type { SeededRandom } from '../random/seeded-random.ts';

/** Whom packets may claim to be from, and what of them is likely to be heard. */
export interface Neighbourhood {
  readonly family: 'inet' | 'inet6';
  readonly sources: readonly IpAddress[];
  readonly virtualRouterIds: readonly number[];
  readonly addresses: readonly IpAddress[];
  readonly passwords: readonly string[];
}

/** Earlier packets that may be sent again. */
const KEPT = 256;

/** Packets as attackers, broken routers and noise send them: random ones, valid ones, damaged ones, with and without a right checksum, replays. */
export class HostilePackets {
  readonly #random: SeededRandom;
  readonly #near: Neighbourhood;
  readonly #earlier: ReceivedPacket[] = [];

  constructor(random: SeededRandom, near: Neighbourhood) {
    this.#random = random;
    this.#near = near;
  }

  next(): ReceivedPacket {
    const random = this.#random;
    if (this.#earlier.length === KEPT && random.chance(0.1)) return random.pick(this.#earlier);
    const packet = this.#new();
    if (this.#earlier.length < KEPT) this.#earlier.push(packet);
    else this.#earlier[random.integer(0, KEPT - 1)] = packet;
    return packet;
  }

  #new(): ReceivedPacket {
    const random = this.#random;
    const source = random.chance(0.6) ? random.pick(this.#near.sources) : this.#anyAddress();
    const group = (this.#near.family === 'inet' ? '224.0.0.18' : 'ff02::12') as IpAddress;
    const destination = random.chance(0.9) ? group : this.#anyAddress();
    const hopLimit = random.chance(0.95) ? 255 : random.integer(0, 255);
    const envelope = { source, destination, hopLimit };
    const dice = random.next();
    if (dice < 0.1) return { ...envelope, message: this.#noise(random.integer(0, 64)) };
    const message = this.#valid(envelope);
    if (dice < 0.5) return { ...envelope, message };
    const damaged = this.#damaged(message);
    if (dice < 0.7) return { ...envelope, message: damaged };
    return { ...envelope, message: withChecksum(envelope, damaged) };
  }

  #valid(envelope: { readonly source: IpAddress; readonly destination: IpAddress }): Uint8Array {
    const random = this.#random;
    const { virtualRouterIds, addresses, passwords } = this.#near;
    const version = random.pick([2, 3] as const);
    const likely = version === 2 ? 1000 : 100;
    const units = version === 2 ? random.integer(1, 255) * 1000 : random.integer(1, 4095) * 10;
    const listed = random.chance(0.7)
      ? addresses
      : Array.from({ length: random.integer(0, 20) }, () => this.#anyAddress());
    return encodeAdvertisement(
      {
        version,
        virtualRouterId: random.chance(0.9) ? random.pick(virtualRouterIds) : random.integer(1, 255),
        priority: random.pick([0, 1, 100, 254, 255, random.integer(0, 255)]),
        interval: (random.chance(0.7) ? likely : units) as Milliseconds,
        addresses: listed,
        ...(version === 2 && random.chance(0.8) && { password: random.pick(passwords) }),
      },
      envelope,
      { pseudoHeaderChecksum: random.chance(0.5) },
    );
  }

  /** A flipped bit or a few, a byte that is another, an end that is missing, or one that is too much. */
  #damaged(message: Uint8Array): Uint8Array {
    const random = this.#random;
    const bytes = Uint8Array.from(message);
    const any = () => random.integer(0, Math.max(0, bytes.length - 1));
    switch (random.integer(0, 3)) {
      case 0:
        for (let times = random.integer(1, 4); times > 0; times--) {
          const at = any();
          bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
        }
        return bytes;
      case 1:
        bytes[random.integer(0, Math.min(7, bytes.length - 1))] = random.integer(0, 255);
        return bytes;
      case 2:
        return bytes.subarray(0, any());
      default:
        return Uint8Array.from([...bytes, ...this.#noise(random.integer(1, 40))]);
    }
  }

  #noise(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#random.integer(0, 255));
  }

  #anyAddress(): IpAddress {
    return addressFromBytes(this.#noise(this.#near.family === 'inet' ? 4 : 16));
  }
}

function withChecksum(
  envelope: Pick<ReceivedPacket, 'source' | 'destination'>,
  message: Uint8Array,
): Uint8Array {
  if (message.length < 8) return message;
  const bytes = Uint8Array.from(message);
  bytes.set([0, 0], 6);
  const covered = (bytes[0] ?? 0) >>> 4 === 3 || envelope.source.includes(':');
  const sum = internetChecksum(
    bytes,
    ...(covered ? [pseudoHeaderOf(envelope, VRRP_PROTOCOL, bytes.length)] : []),
  );
  bytes.set([sum >>> 8, sum & 0xff], 6);
  return bytes;
}
