import { isUtf8 } from 'node:buffer';
import { createContext, Script } from 'node:vm';
import type { BodyPattern } from '../../model/check.ts';
import { CheckFailure } from '../connect/talk.ts';

/** Milliseconds that one search may take. A few patterns take ages over some bodies, and the whole program would wait. */
const LONGEST_SEARCH_MS = 200;

/**
 * Whether a pattern is found in a body that was skipped up to `minOffset`, with a match that starts at `maxOffset` or before. Bytes are
 * read as UTF-8 where all of them are that, otherwise as Latin-1. Throws {@link CheckFailure} where the search takes too long.
 */
export function matchesWithin(body: Buffer, { pattern, minOffset = 0, maxOffset }: BodyPattern): boolean {
  const searched = body.subarray(minOffset);
  const encoding = isUtf8(searched) ? 'utf8' : 'latin1';
  const text = searched.toString(encoding);
  const at = search(pattern, text);
  if (at < 0) return false;
  return maxOffset === undefined || minOffset + Buffer.byteLength(text.slice(0, at), encoding) <= maxOffset;
}

// One context for all searches, and one script: only a script can be given a time limit.
const question: { pattern: RegExp; text: string } = { pattern: /(?:)/, text: '' };
let context: typeof question | undefined;
const SEARCH = new Script('text.search(pattern)');

/** Where the first match starts, in UTF-16 units; -1 where there is none. `lastIndex` of the pattern does not matter. */
function search(pattern: RegExp, text: string): number {
  context ??= createContext(question) as typeof question;
  question.pattern = pattern;
  question.text = text;
  try {
    return SEARCH.runInContext(context, { timeout: LONGEST_SEARCH_MS }) as number;
  } catch (error) {
    throw new CheckFailure(
      isTimeout(error)
        ? `the search for the pattern took more than ${LONGEST_SEARCH_MS} ms`
        : `the search for the pattern failed: ${String(error)}`,
    );
  } finally {
    question.text = '';
  }
}

/** The error belongs to the context, where `Error` is another one. */
function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === TIMEOUT;
}

const TIMEOUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
