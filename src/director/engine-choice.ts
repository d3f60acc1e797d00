import type { EngineChoice } from '../config/config.ts';
import type { RunnableEngine } from './engine-registry.ts';

/** An engine to run, and why it is this one. */
export interface ChosenEngine {
  readonly name: RunnableEngine;
  readonly reason: string;
}

/**
 * `auto` takes the relay, the one engine of this version that carries traffic; the memory engine, which carries none,
 * runs only where somebody asked for it. `askedBy` names who asked, such as `--engine`.
 */
export function chooseEngine(choice: EngineChoice, askedBy: string): ChosenEngine {
  switch (choice) {
    case 'auto':
      return { name: 'relay', reason: 'auto: the one engine of this version that carries traffic' };
    case 'relay':
      return { name: 'relay', reason: `asked for by ${askedBy}` };
    case 'memory':
      return { name: 'memory', reason: `asked for by ${askedBy}; it keeps the table and carries no traffic` };
    default:
      throw new Error(`unknown engine ${choice satisfies never}`);
  }
}
