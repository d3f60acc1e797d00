import type { Engine } from '../../src/engines/engine.ts';
import { MemoryEngine } from '../../src/engines/memory/memory-engine.ts';
import { HostEnvironment, type TableEnvironment } from '../../src/engines/table/environment.ts';
import { runIpvsadm } from '../../src/ipvsadm/run.ts';
import { runIpvsadmRestore } from '../../src/ipvsadm/run-restore.ts';
import { runIpvsadmSave } from '../../src/ipvsadm/run-save.ts';
import type { IpvsadmIo, IpvsadmModules } from '../../src/ipvsadm/session.ts';
import type { Counters } from '../../src/model/statistics.ts';
import { fixedNames } from './fixed-names.ts';
import { GivenEngine } from './given-engine.ts';
import { listedConnections } from './listed-connections.ts';
import { type Program, Shell } from './shell.ts';
import type { Step, Transcript } from './transcript.ts';

type Run = (argv: readonly string[], io: IpvsadmIo, modules: IpvsadmModules) => Promise<number>;

/** An engine with an empty table, in the environment of the recording. */
export type MakeEngine = (environment: TableEnvironment) => Engine;

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const MTU = 1500;

/**
 * Replays the steps of a transcript on an engine without traffic, the memory engine unless another one is given. Remarks of the file set the stage: `hosts:`,
 * `environment:`, `setup:`; those of a step say what it needs: `setup:`, and `given:` what traffic left in the table.
 */
export class Replay {
  readonly #names;
  readonly #engine: GivenEngine;
  readonly #shell: Shell;

  constructor(
    { remarks }: Transcript,
    makeEngine: MakeEngine = (environment) => new MemoryEngine({ environment }),
  ) {
    const said = (key: string): string => remark(remarks, key) ?? '';
    const hosts = said('hosts').matchAll(/([^\s,]+) ([^\s,]+)/g);
    this.#names = fixedNames(new Map(Array.from(hosts, ([, address = '', name = '']) => [address, name])));
    const interfaces = /interfaces (.*)$/.exec(said('environment'))?.[1]?.split(', ') ?? [];
    const environment = new HostEnvironment({
      interfaces: new Map(interfaces.map((name) => [name, MTU])),
      inet6Loopback: said('environment').includes('IPv6 is routed to loopback only'),
    });
    this.#engine = new GivenEngine(makeEngine(environment));
    this.#shell = new Shell(
      new Map([
        ['ipvsadm', this.#program(runIpvsadm)],
        ['ipvsadm-save', this.#program(runIpvsadmSave)],
        ['ipvsadm-restore', this.#program(runIpvsadmRestore)],
      ]),
    );
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }

  async setUp(remarks: readonly string[]): Promise<void> {
    const command = remark(remarks, 'setup');
    if (command === undefined) return;
    const { stderr } = await this.#shell.run(command);
    if (stderr !== '') throw new Error(`${command}: ${stderr}`);
  }

  async run(step: Step): Promise<Outcome> {
    await this.setUp(step.remarks);
    for (const line of step.remarks) {
      const given = /^given: (.*)$/.exec(line)?.[1];
      if (given !== undefined) this.#give(given, step);
    }
    return this.#shell.run(step.command);
  }

  #program(run: Run): Program {
    const modules = { openEngine: async () => this.#engine, names: this.#names };
    return (args, { stdin, stdout, stderr }, environment) => {
      const bytes = environment.get('BIG');
      this.#engine.bytes = bytes === undefined ? undefined : BigInt(bytes);
      return run(args, { stdin: async () => stdin, stdout, stderr }, modules);
    };
  }

  #give(text: string, step: Step): void {
    if (text === 'nothing') this.#engine.given.clear();
    else if (text === 'the connections of the list') {
      this.#engine.entries = listedConnections(step.stdout, this.#names);
    } else {
      const [, endpoint = '', facts = ''] = /^(fwmark \d+|\S+) (.*)$/.exec(text) ?? [];
      const given = { ...this.#engine.given.get(endpoint) };
      for (const fact of facts.split(' ')) {
        const [key, value = ''] = fact.split('=');
        if (key === 'active' || key === 'inactive' || key === 'persistent') given[key] = Number(value);
        else if (key === 'counters' || key === 'rates') given[key] = numbersOf(value);
        else throw new Error(`cannot give '${fact}'`);
      }
      this.#engine.given.set(endpoint, given);
    }
  }
}

/** What follows `key: ` in one of the remarks. */
export function remark(remarks: readonly string[], key: string): string | undefined {
  const start = `${key}: `;
  return remarks.find((line) => line.startsWith(start))?.slice(start.length);
}

function numbersOf(text: string): Counters {
  const [connections = 0n, inPackets = 0n, outPackets = 0n, inBytes = 0n, outBytes = 0n] = text
    .split(',')
    .map(BigInt);
  return { connections, inPackets, outPackets, inBytes, outBytes };
}
