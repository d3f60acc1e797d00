import { z } from 'zod';
import { parsed } from './parsed.ts';

/** The parts that schemas of vipr.yaml are made of: each says in its errors what must be there. */
export function mapping<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, { error: 'must be a mapping of keys to values' });
}

/** A list; a key without a value is an empty one. */
export function sequence<S extends z.ZodType>(element: S) {
  return z.preprocess((value) => value ?? [], z.array(element, { error: 'must be a list' }));
}

export function choice<const T extends readonly string[]>(values: T) {
  return z.enum(values, { error: `must be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}` });
}

export function text(expected: string, longest: number) {
  return string(expected, (value) => (/^\S+$/.test(value) && value.length <= longest ? value : undefined));
}

export function wholeNumber(least: number, most: number) {
  return number(`a whole number from ${least} to ${most}`, (value) =>
    Number.isInteger(value) && value >= least && value <= most ? value : undefined,
  );
}

export function number<Out>(expected: string, parse: (value: number) => Out | undefined) {
  return parsed(z.number({ error: `must be ${expected}` }), parse, expected);
}

export function string<Out>(expected: string, parse: (value: string) => Out | undefined) {
  return parsed(z.string({ error: `must be ${expected}` }), parse, expected);
}
