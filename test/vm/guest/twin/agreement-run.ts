import { setTimeout as delay } from 'node:timers/promises';
import { SeededRandom } from '../../../random/seeded-random.ts';
import type { AgreementInput, AgreementReport } from '../../ebpf/agreement.ts';
import { randomSequence, type Sequence, type SequencePacket } from '../../ebpf/sequence.ts';
import { bracketed, TWIN_SERVERS, type TwinService, twinServices } from '../../ebpf/twin-service.ts';
import { comparableFrame, frameText } from './comparable-frame.ts';
import { compareConnections, connectionLines } from './connection-line.ts';
import { sequenceFrame } from './sequence-frame.ts';
import { TwinTables } from './twin-tables.ts';
import { type Departure, Wire } from './wire.ts';

/** A sequence on its way. */
interface Course {
  readonly sequence: Sequence;
  /** As `ipvsadm -Lcn` shows it. */
  readonly flow: string;
  readonly story: string[];
}

/** Of a step: later steps follow from it. */
const MOST_DIFFERENCES = 8;
/** The kernel sums up its statistics every other second, vipr removes what expired once or twice in one. */
const LOOKS = 6;
const PAUSE_MS = 1000;
/** Ports of clients begin here. */
const FIRST_PORT = 2000;

export class Agreement {
  readonly #input: AgreementInput;
  readonly #random: SeededRandom;
  readonly #wire = new Wire();
  readonly #tables: TwinTables;
  readonly #differences: string[] = [];
  /** The server of each flow that has one. */
  #servers: ReadonlyMap<string, string> = new Map();
  /** Of services without NAT, those to whose clients the director itself sent an ICMP error: IPVS counts that as one of their replies. */
  readonly #answered = new Set<string>();
  #port = FIRST_PORT;
  #arrivals = 0;
  #departures = 0;
  #entries = 0;

  constructor(input: AgreementInput) {
    this.#input = input;
    this.#random = new SeededRandom(input.seed);
    this.#tables = new TwinTables(input.socket);
  }

  async run(): Promise<AgreementReport> {
    const { rounds, sequences } = this.#input;
    for (let round = 0; round < rounds && !this.#isOver; round++)
      await this.#round(round, Math.ceil(sequences / rounds));
    this.#wire.close();
    await this.#tables.close();
    return {
      differences: this.#differences.slice(0, MOST_DIFFERENCES),
      arrivals: this.#arrivals,
      departures: this.#departures,
      entries: this.#entries,
    };
  }

  get #isOver(): boolean {
    return this.#differences.length > 0;
  }

  async #round(round: number, count: number): Promise<void> {
    const services = twinServices(round, this.#input.persistence);
    await this.#tables.configure(['-C', ...services.flatMap(({ lines }) => lines)]);
    this.#answered.clear();
    const courses = Array.from({ length: count }, () => this.#begin(this.#random.pick(services)));
    const longest = Math.max(...courses.map(({ sequence }) => sequence.packets.length));
    for (let step = 0; step < longest && !this.#isOver; step++) {
      for (const course of courses) {
        const packet = course.sequence.packets[step];
        if (packet !== undefined && !this.#isOver) await this.#send(course, packet);
      }
      await this.#compareTables(courses);
    }
    if (!this.#isOver) await this.#compareStatistics();
  }

  #begin(service: TwinService): Course {
    const sequence = randomSequence(this.#random, service, this.#port++);
    const { client, port } = sequence;
    const virtual = `${bracketed(service.address)}:${service.port}`;
    const flow = `${service.protocol.toUpperCase()} ${bracketed(client)}:${port} ${virtual}`;
    return { sequence, flow, story: [...service.lines.slice(0, 2)] };
  }

  async #send({ sequence, flow, story }: Course, packet: SequencePacket): Promise<void> {
    const { family } = sequence.service;
    const known = this.#servers.get(flow);
    const side = packet.from === 'client' ? 'clients' : 'servers';
    const server = known ?? TWIN_SERVERS[family][0] ?? '';
    const frame = sequenceFrame(sequence, packet, server);
    this.#wire.send(side, frame);
    this.#arrivals += 1;
    const { kernel, vipr } = await this.#wire.departures();
    this.#departures += kernel.length;
    const { service } = sequence;
    if (service.serverPort === undefined && kernel.some(isError))
      this.#answered.add(`${bracketed(service.address)}:${service.port} `);
    const { from, flags, ttl, df, payload, error } = packet;
    const about = error === undefined ? '' : `ICMP error '${error}' about `;
    story.push(
      `${from}: ${about}${flags.join(',') || 'no flags'}, TTL ${ttl}${df ? ', DF' : ''}, ${payload} bytes`,
    );
    if (departuresText(kernel) === departuresText(vipr)) return;
    this.#differ(
      { flow, story },
      `the packet\n    ${frameText(frame)}\n  the kernel sends${framesText(kernel)}\n  vipr sends${framesText(vipr)}`,
    );
  }

  async #compareTables(courses: readonly Course[]): Promise<void> {
    const lasting = await this.#lasting(async () => {
      const { kernel, vipr } = await this.#tables.lists(['-Lcn', '-Ln', '-Ln --persistent-conn']);
      const [expected, actual] = [connectionLines(kernel[0] ?? ''), connectionLines(vipr[0] ?? '')];
      this.#servers = new Map(expected.map(({ flow, server }) => [flow, hostOf(server)]));
      this.#entries += expected.length;
      return [
        ...compareConnections(expected, actual),
        ...[1, 2].flatMap((index) => compareLines(kernel[index] ?? '', vipr[index] ?? '')),
      ];
    });
    this.#differences.push(...lasting.map((text) => `${text}${storyOf(text, courses)}`));
  }

  async #compareStatistics(): Promise<void> {
    const lasting = await this.#lasting(async () => {
      const { kernel, vipr } = await this.#tables.lists(['-Ln --stats --exact']);
      const [expected = '', actual = ''] = [kernel, vipr].map(([list = '']) =>
        withoutReplies(list, this.#answered),
      );
      return compareLines(expected, actual);
    });
    this.#differences.push(...lasting);
  }

  /** The differences that are there each time that is looked. */
  async #lasting(look: () => Promise<readonly string[]>): Promise<readonly string[]> {
    let lasting = await look();
    for (let looks = 1; looks < LOOKS && lasting.length > 0; looks++) {
      await delay(PAUSE_MS);
      const later = new Set(await look());
      lasting = lasting.filter((difference) => later.has(difference));
    }
    return lasting;
  }

  #differ({ flow, story }: Pick<Course, 'flow' | 'story'>, what: string): void {
    this.#differences.push(`${flow}: after\n  ${story.join('\n  ')}\n  ${what}`);
  }
}

/** Lines of `ipvsadm -Ln --stats --exact`, without the counts of replies of some services. */
function withoutReplies(list: string, services: ReadonlySet<string>): string {
  let without = false;
  return list
    .split('\n')
    .map((line) => {
      if (!line.startsWith(' ')) without = [...services].some((service) => line.includes(` ${service}`));
      return without ? line.replace(/(\d+ +\d+) +\d+ +(\d+) +\d+$/, '$1 $2') : line;
    })
    .join('\n');
}

function isError({ side, frame }: Departure): boolean {
  const protocol = frame.readUInt8(frame.readUInt16BE(12) === 0x0800 ? 23 : 20);
  return side === 'clients' && (protocol === 1 || protocol === 58);
}

function departuresText(departures: readonly Departure[]): string {
  return departures.map(({ side, frame }) => `${side} ${comparableFrame(frame)}`).join('\n');
}

function framesText(departures: readonly Departure[]): string {
  if (departures.length === 0) return ' nothing';
  return departures.map(({ side, frame }) => `, ${side}\n    ${frameText(frame)}`).join('');
}

/** Lines that differ, each with the service that it belongs to. */
function compareLines(kernel: string, vipr: string): string[] {
  const [expected, actual] = [kernel.split('\n').slice(1), vipr.split('\n').slice(1)];
  if (expected.length !== actual.length) return [`${expected.length} lines, vipr's are ${actual.length}`];
  let service = '';
  return expected.flatMap((line, index) => {
    if (!line.startsWith(' ')) service = line;
    return line === actual[index] ? [] : [`${service}\n  - ${line}\n  + ${actual[index]}`];
  });
}

function storyOf(text: string, courses: readonly Course[]): string {
  const course = courses.find(({ flow }) => text.includes(` ${flow.split(' ')[1]} `));
  return course === undefined ? '' : `, after\n      ${course.story.join('\n      ')}`;
}

function hostOf(server: string): string {
  return server.replace(/:\d+$/, '').replaceAll(/[[\]]/g, '');
}
