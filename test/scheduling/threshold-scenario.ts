import type { Flow } from './flow.ts';
import { EXPIRING_SECONDS, type Scenario, type ScenarioStep } from './scenario.ts';
import { VIRTUAL } from './scenario-address.ts';

/** Thresholds of server 1 of two, under rr, that change while connections stand. */
export interface ThresholdStory {
  /** Options of server 1 at first. */
  readonly before: string;
  /** Connections that open and expire before the change; server 1 gets every other one. */
  readonly expiring: number;
  /** Connections that open after those and stay. */
  readonly staying: number;
  /** Commands with SERVER where service and server stand. */
  readonly edit: readonly string[];
}

/** Connections that open after the change. */
const LATER = 8;

/** All stories in one scenario, each with a service of its own, from a port on, so that they expire together. */
export function thresholdScenario(stories: readonly ThresholdStory[], firstPort: number): Scenario {
  const services = stories.map((story, index) => new StoryTeller(story, firstPort + index));
  const expired = services.flatMap((service) => service.flows.slice(0, service.story.expiring));
  return {
    seed: 0,
    steps: [
      ...services.flatMap((service) => service.begin()),
      configure(`--set 0 0 ${EXPIRING_SECONDS}`),
      ...services.flatMap(({ story, open }) => open(0, story.expiring)),
      configure('--set 0 0 300'),
      ...services.flatMap(({ story, open }) => open(story.expiring, story.expiring + story.staying)),
      { kind: 'expire', flows: expired },
      ...services.flatMap((service) => service.change()),
    ],
  };
}

class StoryTeller {
  readonly story: ThresholdStory;
  readonly flows: readonly Flow[];
  readonly #service: string;
  readonly #servers: readonly string[];

  constructor(story: ThresholdStory, port: number) {
    this.story = story;
    this.#service = `-u ${VIRTUAL.inet}:${port}`;
    this.#servers = [11, 12].map((last) => `${this.#service} -r 10.2.${port % 256}.${last}`);
    this.flows = Array.from({ length: story.expiring + story.staying + LATER }, (_, nth): Flow => {
      const client = { clientAddress: '10.1.0.2', clientPort: 1024 + nth } as const;
      return { protocol: 'udp', ...client, virtualAddress: VIRTUAL.inet, virtualPort: port };
    });
  }

  begin(): ScenarioStep[] {
    const [one, two] = this.#servers;
    return [
      configure(`-A ${this.#service} -s rr`),
      configure(`-a ${one} -g ${this.story.before}`.trim()),
      configure(`-a ${two} -g`),
    ];
  }

  readonly open = (from: number, to: number): ScenarioStep[] =>
    this.flows.slice(from, to).map((flow) => ({ kind: 'open', flow }));

  change(): ScenarioStep[] {
    const [one = ''] = this.#servers;
    const edits = this.story.edit.map((words) => configure(words.replace('SERVER', one)));
    return [
      ...edits,
      ...this.open(this.flows.length - LATER, this.flows.length),
      configure(`-D ${this.#service}`),
    ];
  }
}

function configure(line: string): ScenarioStep {
  return { kind: 'configure', line };
}
