import { escapeReferences } from './environment-reference.ts';

/** What vipr.yaml is written of; keys that are undefined are left out. */
export type Writable =
  | string
  | number
  | boolean
  | readonly Writable[]
  | { readonly [key: string]: Writable | undefined };

/** A value in one line: `{ type: tcp, port: 80 }`. */
export function flow(value: Writable): string {
  if (typeof value === 'string') return scalar(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  const pairs = pairsOf(value).map(([key, inner]) => `${key}: ${flow(inner)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** The keys of a mapping, a line each, in front of which stand `indent` blanks. */
export function lines(mapping: { readonly [key: string]: Writable | undefined }, indent = 0): string[] {
  return pairsOf(mapping).map(([key, value]) => `${' '.repeat(indent)}${key}: ${flow(value)}`);
}

/** Names and addresses that YAML would read as something else are quoted; JSON's strings are YAML's. */
export function scalar(text: string): string {
  const plain = /^[a-z][a-z0-9_-]*$/.test(text) && !RESERVED.includes(text);
  const safe =
    plain || /^[0-9.]+:[0-9]+$/.test(text) || /^[0-9]+(?:ms|s)$/.test(text) || /^\/[\w./-]*$/.test(text);
  return safe ? text : JSON.stringify(escapeReferences(text));
}

const RESERVED = ['true', 'false', 'null'];

function pairsOf(mapping: { readonly [key: string]: Writable | undefined }): [string, Writable][] {
  return Object.entries(mapping).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
}

function isList(value: Writable): value is readonly Writable[] {
  return Array.isArray(value);
}
