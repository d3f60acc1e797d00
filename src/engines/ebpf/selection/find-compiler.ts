import {
  RULE_FO,
  RULE_LBLC,
  RULE_LBLCR,
  RULE_LC,
  RULE_NQ,
  RULE_OVF,
  RULE_SED,
  RULE_TWOS,
  RULE_WLC,
  STAGE_CACHE,
  STAGE_SCORE,
} from '../layout.gen.ts';
import { destinationHash, maglevHash, sourceHash } from './hash-table.ts';
import { roundRobinRing } from './round-robin-ring.ts';
import type { SelectionCompiler } from './selection-compiler.ts';
import { idWords, NO_SELECTION } from './selection-words.ts';
import { weightedRing } from './weighted-ring.ts';

/** The compiler for a scheduler by its name; names without one, `none` above all, schedule nobody. */
export function findCompiler(scheduler: string): SelectionCompiler {
  return byName.get(scheduler) ?? nobody;
}

/** The schedulers for which the data plane has a way to choose. */
export function compiledSchedulers(): readonly string[] {
  return [...byName.keys()];
}

/** Whether a scheduler remembers destinations in `balance_cache`. */
export function usesBalanceCache(scheduler: string): boolean {
  return scheduler === 'lblc' || scheduler === 'lblcr';
}

const nobody: SelectionCompiler = { followsEdits: false, compile: () => NO_SELECTION };

/** Chooses by a scan of the list as it is at that moment: `rule` says for what. */
function listOf(stage: number, rule: number): SelectionCompiler {
  return { followsEdits: false, compile: (destinations) => idWords(stage, rule, destinations) };
}

const byName = new Map<string, SelectionCompiler>([
  ['rr', roundRobinRing],
  ['wrr', weightedRing],
  ['sh', sourceHash],
  ['dh', destinationHash],
  ['mh', maglevHash],
  ['lc', listOf(STAGE_SCORE, RULE_LC)],
  ['wlc', listOf(STAGE_SCORE, RULE_WLC)],
  ['sed', listOf(STAGE_SCORE, RULE_SED)],
  ['nq', listOf(STAGE_SCORE, RULE_NQ)],
  ['fo', listOf(STAGE_SCORE, RULE_FO)],
  ['ovf', listOf(STAGE_SCORE, RULE_OVF)],
  ['twos', listOf(STAGE_SCORE, RULE_TWOS)],
  ['lblc', listOf(STAGE_CACHE, RULE_LBLC)],
  ['lblcr', listOf(STAGE_CACHE, RULE_LBLCR)],
]);
