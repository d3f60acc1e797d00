import type { TcpFlag } from '../../packet/tcp.ts';
import type { SeededRandom } from '../../random/seeded-random.ts';
import type { TwinService } from './twin-service.ts';

/** The packets of one client and its server, in order. */
export interface Sequence {
  readonly service: TwinService;
  readonly client: string;
  readonly port: number;
  readonly packets: readonly SequencePacket[];
}

export interface SequencePacket {
  readonly from: 'client' | 'server';
  /** Of TCP; none for UDP. */
  readonly flags: readonly TcpFlag[];
  readonly ttl: number;
  readonly tos: number;
  /** IPv4 only. */
  readonly df: boolean;
  readonly id: number;
  /** Bytes behind the transport header. */
  readonly payload: number;
  /** UDP over IPv4 may do without. */
  readonly checksum: boolean;
  /** Not the packet itself, but an ICMP error about such a one from the other side. */
  readonly error: 'unreachable' | 'too big' | undefined;
}

/** Lives of TCP connections: who sends what, by the first letters of flags. */
const LIVES = [
  'c:S s:SA c:A c:PA s:PA c:FA s:FA c:A',
  'c:S s:SA c:A s:PA s:FA c:A c:FA s:A',
  'c:S s:SA c:A c:FA s:A s:FA c:A c:S',
  'c:S s:RA c:S s:SA c:A c:R',
  'c:S s:SA c:R c:S s:SA c:A',
  'c:S s:SA c:A s:R c:S s:SA c:A',
  'c:S c:S s:SA s:SA c:A c:F c:F',
  'c:S c:A c:FA c:A c:S c:A',
  'c:S c:F c:A c:R c:S',
];
/** Lives without a state of ten seconds, whose end the kernel and the sweep see up to a second apart. */
const LONG_LIVES = [
  'c:S s:SA c:A c:PA s:PA c:FA s:FA c:A c:S s:SA c:A',
  'c:S s:SA c:A s:FA c:A c:FA s:A c:S',
  'c:S c:S s:SA s:SA c:A',
  'c:S c:F c:S s:SA c:A',
];
const ANY = ['S', 'A', 'F', 'R', 'SA', 'FA', 'RA', 'PA', 'SF', 'SR', 'P', ''];
const FLAGS: Readonly<Record<string, TcpFlag>> = { S: 'syn', A: 'ack', F: 'fin', R: 'rst', P: 'psh' };
const FULL_PAYLOAD = 1440;

/** A random sequence of packets; `port` is the client's, and of no other sequence of the service. */
export function randomSequence(random: SeededRandom, service: TwinService, port: number): Sequence {
  const last = random.integer(1, 12);
  const client = service.family === 'inet' ? `10.1.${last % 3}.${last}` : `fd01::${last % 3}:${last}`;
  return { service, client, port, packets: randomPackets(random, service) };
}

function randomPackets(
  random: SeededRandom,
  { family, protocol, serverPort, loaded }: TwinService,
): SequencePacket[] {
  const steps = protocol === 'tcp' ? tcpSteps(random, loaded) : udpSteps(random);
  return steps.map(({ from, letters }, index) => {
    // About requests only masqueraded servers complain to the client by way of the director.
    const complains = index > 0 && (from === 'client' || serverPort !== undefined) && random.chance(0.15);
    const full = random.chance(0.05);
    return {
      from,
      flags: [...letters].flatMap((letter) => FLAGS[letter] ?? []),
      ttl:
        (from === 'client' || serverPort !== undefined) && random.chance(0.05)
          ? random.integer(1, 2)
          : random.integer(30, 255),
      tos: random.chance(0.95) ? random.integer(0, 255) : 0,
      // A packet that has to be fragmented is left out: a program cannot (docs/ebpf-data-plane.md).
      df: full || random.chance(0.5),
      id: random.integer(1, 65535),
      payload: full
        ? FULL_PAYLOAD - (family === 'inet6' ? 20 : 0) + random.integer(0, 20)
        : random.integer(0, 40),
      error: complains ? random.pick(['unreachable', 'too big'] as const) : undefined,
      checksum: family === 'inet6' || serverPort !== undefined || random.chance(0.8),
    };
  });
}

interface Step {
  readonly from: 'client' | 'server';
  readonly letters: string;
}

function tcpSteps(random: SeededRandom, loaded: boolean): Step[] {
  if (!loaded && random.chance(0.3)) {
    return Array.from({ length: random.integer(3, 8) }, (_, index) => ({
      from: index > 0 && random.chance(0.4) ? 'server' : 'client',
      letters: index === 0 && random.chance(0.8) ? 'S' : random.pick(ANY),
    }));
  }
  const steps = random
    .pick(loaded ? LONG_LIVES : LIVES)
    .split(' ')
    .map((word): Step => ({ from: word.startsWith('c') ? 'client' : 'server', letters: word.slice(2) }));
  const kept = steps.slice(0, random.integer(1, steps.length));
  if (!loaded && random.chance(0.3))
    kept.splice(random.integer(1, kept.length), 0, { from: 'client', letters: random.pick(ANY) });
  return kept;
}

function udpSteps(random: SeededRandom): Step[] {
  return Array.from({ length: random.integer(1, 4) }, (_, index) => ({
    from: index > 0 && random.chance(0.5) ? 'server' : 'client',
    letters: '',
  }));
}
