import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileProbe } from '../model/check.ts';
import type { Attempt, Checker, Verdict } from './checker.ts';
import { quoted } from './one-line.ts';

/**
 * A number at the beginning of a file. With a factor of 0 it has to be 0; with another one it is always good, and the
 * number times the factor is added to the weight. A file that is missing, empty or cannot be read stands for 0, as in
 * keepalived (trackers/track_file.c, process_track_file); other than there, what is no number is bad instead of 0, and what
 * is beyond 32 bits is bad instead of ignored.
 */
export const fileChecker: Checker<FileProbe> = {
  kind: 'file',

  describe: ({ probe }) => probe.path,

  async check({ probe }: Attempt<FileProbe>): Promise<Verdict> {
    const text = await readBeginning(probe.path);
    if (text instanceof Error) return judge(probe, 0, `${explain(text)}, which counts as 0`);
    if (text === '') return judge(probe, 0, 'empty, which counts as 0');
    const number = parseNumber(text);
    if (number === undefined) return { good: false, detail: `no number: ${quoted(text, 32)}` };
    if (number < INT_MIN || number > INT_MAX)
      return { good: false, detail: `${number} is not between ${INT_MIN} and ${INT_MAX}` };
    return judge(probe, number, String(number));
  },
};

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;
/** As many as keepalived reads. */
const MOST_BYTES = 127;

function judge({ factor }: FileProbe, number: number, detail: string): Verdict {
  if (factor === 0)
    return number === 0 ? { good: true, detail } : { good: false, detail: `${detail}, not 0` };
  return { good: true, detail, weight: { add: number * factor || 0 } };
}

/** As strtol(3) with base 0 reads it, which takes 0x for hexadecimal and a leading 0 for octal digits; a space ends it. */
function parseNumber(text: string): number | undefined {
  const [, sign, digits = ''] = /^\s*([+-]?)(0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*)(?:\s|$)/.exec(text) ?? [];
  if (digits === '') return undefined;
  const number = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === '-' ? -number || 0 : number;
}

/** Never blocks, also where somebody has put a pipe or a device in the file's place. */
async function readBeginning(path: string): Promise<string | Error> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, null);
    return buffer.toString('latin1', 0, bytesRead).trim();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function explain(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT' ? 'missing' : `cannot be read (${error.code ?? error.message})`;
}
