import type { EngineChoice } from '../config/config.ts';
import type { RunnableEngine } from './engine-registry.ts';
import { whyNoIpvs } from './why-no-ipvs.ts';

/** An engine to run, and why it is this one. */
export interface ChosenEngine {
  readonly name: RunnableEngine;
  readonly reason: string;
}

/**
 * `auto` takes the kernel's IPVS where the kernel has it and this process may change it, else the relay; the memory engine, which
 * carries no traffic, runs only where somebody asked for it. `askedBy` names who asked, such as `--engine`.
 */
export async function chooseEngine(
  choice: EngineChoice,
  askedBy: string,
  noIpvs: () => Promise<string | undefined> = whyNoIpvs,
): Promise<ChosenEngine> {
  switch (choice) {
    case 'auto': {
      const reason = await noIpvs();
      if (reason === undefined) return { name: 'ipvs', reason: 'auto: the kernel has IPVS' };
      return { name: 'relay', reason: `auto: not ipvs, since ${reason}` };
    }
    case 'ipvs':
    case 'relay':
      return { name: choice, reason: `asked for by ${askedBy}` };
    case 'memory':
      return { name: 'memory', reason: `asked for by ${askedBy}; it keeps the table and carries no traffic` };
    default:
      throw new Error(`unknown engine ${choice satisfies never}`);
  }
}
