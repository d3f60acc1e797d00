import { z } from 'zod';
import { parsed } from './parsed.ts';

/** The parts that schemas of vipr.yaml are made of: each says in its errors what must be there. */
export function mapping<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, { error: 'must be a mapping of keys to values' });
}

/** A list; a key without a value is an empty one, and so is one that is missing. */
export function sequence<S extends z.ZodType>(element: S) {
  return list(element)
    .nullish()
    .transform((value): z.output<S>[] => value ?? []);
}

/** A list that is undefined where it is missing, which differs from an empty one. */
export function sequenceIfGiven<S extends z.ZodType>(element: S) {
  return list(element)
    .nullish()
    .transform((value): z.output<S>[] | undefined => (value === null ? [] : value));
}

/** One text, or a list of them. */
export function oneOrMore(expected: string, parse: (value: string) => string | undefined) {
  const element = string(expected, parse);
  const either = z.union([element, list(element)], { error: `must be ${expected}` });
  return either.transform((value) => [value].flat());
}

/** Names and what they stand for; a key without a value has none. */
export function named<S extends z.ZodType>(value: S) {
  const names = z.string().regex(NAME, { error: 'must be a name of letters, digits, dots, _ and -' });
  return z
    .record(names, value, { error: 'must be a mapping of names to values' })
    .nullish()
    .transform((given): Readonly<Record<string, z.output<S>>> => given ?? {});
}

/** A mapping of which every key has a default; a key without a value is an empty one. */
export function optionalMapping<S extends z.ZodRawShape>(schema: z.ZodObject<S, z.core.$strict>) {
  return schema.nullish().transform((value) => value ?? schema.parse({}));
}

export function choice<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `must be ${alternatives(values)}` });
}

/** `a, b or c` */
export function alternatives(values: readonly string[]): string {
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

/** Text without blanks. */
export function text(expected: string, longest: number) {
  const error = `must be ${expected}`;
  return z.string({ error }).regex(/^\S+$/, { error }).max(longest, { error });
}

/** Text that may have blanks, in one line. */
export function line(expected: string, longest = 4096) {
  const error = `must be ${expected}`;
  return z.string({ error }).regex(LINE, { error }).max(longest, { error });
}

export function flag() {
  return z.boolean({ error: 'must be true or false' });
}

export function wholeNumber(least: number, most: number, what = 'a whole number') {
  const error = `must be ${what} from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

/** As {@link wholeNumber}, branded by `brand`, which takes all of them. */
export function brandedNumber<Out>(
  least: number,
  most: number,
  brand: (value: number) => Out | undefined,
  what?: string,
) {
  return parsed(
    wholeNumber(least, most, what),
    brand,
    `${what ?? 'a whole number'} from ${least} to ${most}`,
  );
}

export function string<Out>(expected: string, parse: (value: string) => Out | undefined) {
  return parsed(z.string({ error: `must be ${expected}` }), parse, expected);
}

function list<S extends z.ZodType>(element: S) {
  return z.array(element, { error: 'must be a list' });
}

const NAME = /^[A-Za-z0-9][\w.-]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a line must not have.
const LINE = /^[^\x00-\x1f\x7f]+$/;
