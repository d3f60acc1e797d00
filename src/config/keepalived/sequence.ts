/** What `~SEQ` or `~LST` at the start of a line says: the rest of the line is read once for each set of values. */
export interface Sequence {
  readonly names: readonly string[];
  /** One value for each name. */
  readonly values: Iterable<readonly string[]>;
  /** Where the rest of the line begins. */
  readonly end: number;
}

/** Why a line with `~SEQ` or `~LST` cannot be read. */
export interface SequenceMistake {
  readonly message: string;
}

const SEQUENCE_FORM = '~SEQ(name, [start, [step,]] end)';
const LIST_FORM = '~LST(name, value, …) or ~LST({name, …}, {value, …}, …)';

/**
 * Reads `~SEQ(n, 1, 9)`, `~SEQx(n, 0xa0, 0x10, 0xc0)` or `~LST({a, b}, {1, 2}, {3, 4})` (keepalived's lib/parser.c, add_seq and
 * add_lst). `substitute` puts definitions into the limits of a sequence.
 */
export function readSequence(line: string, substitute: (text: string) => string): Sequence | SequenceMistake {
  if (line.startsWith('~LST')) return readList(line);
  const [head, hex, name, limits] =
    /^~SEQ(x?)[ \t]*\([ \t]*([^\s,)({][^\s,)]*)[ \t]*,([^)]*)\)[ \t]*/.exec(line) ?? [];
  if (head === undefined || name === undefined) return { message: `must be ${SEQUENCE_FORM}` };
  const numbers = substitute(limits ?? '')
    .split(',')
    .map(readInteger);
  if (numbers.length > 3 || numbers.some(Number.isNaN)) {
    return { message: `must be ${SEQUENCE_FORM} with whole numbers` };
  }
  const end = numbers.at(-1) ?? Number.NaN;
  const start = numbers.length > 1 ? (numbers[0] ?? 0) : end < 0 ? -1 : 1;
  const step = numbers.length === 3 ? (numbers[1] ?? 0) : start <= end ? 1 : -1;
  if (step === 0 || (start < end && step < 0) || (start > end && step > 0)) {
    return { message: `the step ${step} does not lead from ${start} to ${end}` };
  }
  if (hex === 'x' && (start < 0 || end < 0)) return { message: '~SEQx is for numbers from 0' };
  return { names: [name], values: countFrom(start, step, end, hex === 'x' ? 16 : 10), end: head.length };
}

function* countFrom(start: number, step: number, end: number, radix: 10 | 16): Generator<readonly string[]> {
  for (let value = start; step > 0 ? value <= end : value >= end; value += step)
    yield [value.toString(radix)];
}

/** As strtol(3) with base 0, but for what follows the number. */
function readInteger(text: string): number {
  const [, sign, hex, octal, decimal] =
    /^\s*([+-]?)(?:0x([0-9a-f]+)|0([0-7]+)|([0-9]+))\s*$/i.exec(text) ?? [];
  const value =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : octal !== undefined
        ? Number.parseInt(octal, 8)
        : Number(decimal);
  if (!Number.isSafeInteger(value)) return Number.NaN;
  return sign === '-' ? -value : value;
}

function readList(line: string): Sequence | SequenceMistake {
  const close = closingParenthesis(line);
  const [open] = /^~LST[ \t]*\(/.exec(line) ?? [];
  if (open === undefined || close === undefined) return { message: `must be ${LIST_FORM}` };
  const [first, ...sets] = splitSets(line.slice(open.length, close));
  if (
    first === undefined ||
    sets.length === 0 ||
    first.some((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
  ) {
    return { message: `must be ${LIST_FORM}` };
  }
  if (sets.some((set) => set.length > first.length)) {
    return { message: `a set of values has more of them than there are names, ${first.length}` };
  }
  const values = sets.map((set) => first.map((_, index) => set[index] ?? ''));
  const [blanks = ''] = /^[ \t]*/.exec(line.slice(close + 1)) ?? [];
  return { names: first, values, end: close + 1 + blanks.length };
}

/** Values have no parentheses, so the first one closes. */
function closingParenthesis(line: string): number | undefined {
  const at = line.indexOf(')');
  return at < 0 ? undefined : at;
}

/** `{a, b}, {1, 2}, 3` as [[a, b], [1, 2], [3]]. */
function splitSets(text: string): string[][] {
  const sets: string[][] = [];
  let rest = text.trim();
  for (;;) {
    const [whole, inBraces, bare] = /^(?:\{([^{}]*)\}|([^,{}]*))\s*(?:,\s*|$)/.exec(rest) ?? [];
    if (whole === undefined) return [];
    sets.push((inBraces ?? bare ?? '').split(',').map((value) => value.trim()));
    if (whole.length === rest.length) {
      // A comma at the end begins one more, empty value.
      if (/,\s*$/.test(whole)) sets.push(['']);
      return sets;
    }
    rest = rest.slice(whole.length);
  }
}
