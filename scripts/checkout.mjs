import { fileURLToPath } from 'node:url';

/** The directory of the checkout, without a trailing slash. */
export const checkout = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** What these scripts keep between runs; git ignores it. */
export const cacheDirectory = `${checkout}/.cache`;

export function say(text) {
  process.stderr.write(`vipr: ${text}\n`);
}

/** A failure that the user can mend: its message is printed without a stack. */
export class ScriptError extends Error {}
