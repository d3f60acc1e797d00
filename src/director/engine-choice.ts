import type { EngineChoice } from '../config/config.ts';
import type { RunnableEngine } from './engine-registry.ts';
import { whyNoEbpf } from './why-no-ebpf.ts';
import { whyNoIpvs } from './why-no-ipvs.ts';

/** An engine to run, and why it is this one. */
export interface ChosenEngine {
  readonly name: RunnableEngine;
  readonly reason: string;
}

/** Why an engine cannot run here, or undefined where it can. */
export interface EngineProbes {
  readonly ipvs: () => Promise<string | undefined>;
  readonly ebpf: () => Promise<string | undefined>;
}

/**
 * `auto` takes the kernel's IPVS where the kernel has it and this process may change it, else vipr's own data plane where the kernel
 * takes it, else the relay; the memory engine, which carries no traffic, runs only where somebody asked for it. `askedBy` names who
 * asked, such as `--engine`.
 */
export async function chooseEngine(
  choice: EngineChoice,
  askedBy: string,
  probes: EngineProbes = { ipvs: whyNoIpvs, ebpf: whyNoEbpf },
): Promise<ChosenEngine> {
  switch (choice) {
    case 'auto': {
      const noIpvs = await probes.ipvs();
      if (noIpvs === undefined) return { name: 'ipvs', reason: 'auto: the kernel has IPVS' };
      const noEbpf = await probes.ebpf();
      if (noEbpf === undefined) return { name: 'ebpf', reason: `auto: not ipvs, since ${noIpvs}` };
      return { name: 'relay', reason: `auto: not ipvs, since ${noIpvs}; not ebpf, since ${noEbpf}` };
    }
    case 'ipvs':
    case 'ebpf':
    case 'relay':
      return { name: choice, reason: `asked for by ${askedBy}` };
    case 'memory':
      return { name: 'memory', reason: `asked for by ${askedBy}; it keeps the table and carries no traffic` };
    default:
      throw new Error(`unknown engine ${choice satisfies never}`);
  }
}
