import { bucketsByWeight, bucketsInTurn } from '../../../scheduling/hash-buckets.ts';
import { maglevTable } from '../../../scheduling/maglev-table.ts';
import { RULE_DH, RULE_MH, RULE_SH, STAGE_HASH } from '../layout.gen.ts';
import type { SelectionCompiler } from './selection-compiler.ts';
import { idWords } from './selection-words.ts';

/** sh, dh and mh: their tables, slot by slot. */
export const sourceHash: SelectionCompiler = {
  followsEdits: true,
  compile: (destinations) => idWords(STAGE_HASH, RULE_SH, bucketsByWeight(destinations)),
};

export const destinationHash: SelectionCompiler = {
  followsEdits: false,
  compile: (destinations) => idWords(STAGE_HASH, RULE_DH, bucketsInTurn(destinations)),
};

export const maglevHash: SelectionCompiler = {
  followsEdits: true,
  compile: (destinations) => idWords(STAGE_HASH, RULE_MH, maglevTable(destinations)),
};
