import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';
import { ConfigInvalidError, type ConfigPath, type ConfigProblem, formatPath } from './config-problem.ts';
import { type Environment, expandReferences, REFERENCE } from './environment-reference.ts';

/** What a text says. */
interface Reading {
  readonly document: Document;
  readonly value: unknown;
}

/**
 * A YAML file as plain values, which still knows where each value was written. It keeps the text alone: what the parser makes of it is
 * some hundred times as large, and is made anew when it is asked for again.
 */
export class YamlSource {
  readonly file: string;
  readonly #text: string;
  readonly #environment: Environment;
  /** Where the lines start. The parser's own counter misses those that it had to skip. */
  #lineStarts: Uint32Array | undefined;
  /** Lives on while many problems are told in one go. */
  #reading: WeakRef<Reading>;

  /** References to the environment are replaced. Throws {@link ConfigInvalidError} with every mistake of syntax and of references. */
  constructor(text: string, file: string, environment: Environment = process.env) {
    this.file = file;
    this.#text = text.replace(/^\uFEFF/, '');
    this.#environment = environment;
    const problems: ConfigProblem[] = [];
    const reading = this.#read(problems);
    if (problems.length > 0) throw new ConfigInvalidError(problems);
    this.#reading = new WeakRef(reading);
  }

  /** Undefined for an empty file. */
  get value(): unknown {
    return this.#current().value;
  }

  /** A problem with the value at a path; a value that is missing is reported where it should have been. */
  problem(path: ConfigPath, message: string): ConfigProblem {
    return this.#at(this.#valueOffset(path), path, message);
  }

  /** A problem with a key itself rather than with its value. */
  keyProblem(path: ConfigPath, message: string): ConfigProblem {
    const pair = this.#pair(path);
    return this.#at(offsetOf(pair?.key) ?? this.#valueOffset(path.slice(0, -1)), path, message);
  }

  /** The line of the value at a path, from 1. */
  lineOf(path: ConfigPath): number {
    return this.#lineAt(this.#valueOffset(path));
  }

  #current(): Reading {
    const kept = this.#reading.deref();
    if (kept !== undefined) return kept;
    // The environment may have changed since; what is missing of it now was there when the values were read.
    const reading = this.#read([]);
    this.#reading = new WeakRef(reading);
    return reading;
  }

  #read(problems: ConfigProblem[]): Reading {
    try {
      const document = parseDocument(this.#text, { prettyErrors: false, stringKeys: true });
      const mistakes = [...document.errors, ...document.warnings];
      problems.push(
        ...mistakes.map(({ pos, message }) =>
          this.#at(pos[0], [], oneLine(message) + quotingHint(this.#text, pos[0])),
        ),
      );
      if (this.#text.includes('$')) this.#expand(document, problems);
      return { document, value: problems.length > 0 ? undefined : (document.toJS() ?? undefined) };
    } catch (error) {
      // The parser gives up on nesting without end (RangeError) and on aliases that multiply (ReferenceError).
      const message = error instanceof Error ? error.message : String(error);
      throw new ConfigInvalidError([this.#at(0, [], `cannot be read as YAML: ${oneLine(message)}`)]);
    }
  }

  /** Replaces references in values; keys are left alone. */
  #expand(document: Document, problems: ConfigProblem[]): void {
    visit(document, {
      Scalar: (key, node) => {
        if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return;
        const report = (index: number, message: string) => {
          problems.push(this.#at(this.#referenceOffset(node, index), [], oneLine(message)));
        };
        const expanded = expandReferences(node.value, this.#environment, report);
        node.value = node.type === Scalar.PLAIN && expanded !== node.value ? asPlain(expanded) : expanded;
      },
    });
  }

  #referenceOffset({ range }: Scalar, index: number): number {
    const [start = 0, end = 0] = range ?? [];
    const references = [...this.#text.slice(start, end).matchAll(REFERENCE)];
    return start + (references[index]?.index ?? 0);
  }

  #at(offset: number, path: ConfigPath, message: string): ConfigProblem {
    const line = this.#lineAt(offset);
    const column = offset - (this.#starts()[line - 1] ?? 0) + 1;
    return { file: this.file, line, column, path: formatPath(path), message };
  }

  #lineAt(offset: number): number {
    const starts = this.#starts();
    let [first, last] = [0, starts.length];
    while (last - first > 1) {
      const middle = (first + last) >> 1;
      if ((starts[middle] ?? 0) <= offset) first = middle;
      else last = middle;
    }
    return first + 1;
  }

  #starts(): Uint32Array {
    this.#lineStarts ??= Uint32Array.from([
      0,
      ...Array.from(this.#text.matchAll(/\n/g), ({ index }) => index + 1),
    ]);
    return this.#lineStarts;
  }

  #valueOffset(path: ConfigPath): number {
    for (let length = path.length; length > 0; length -= 1) {
      const prefix = path.slice(0, length);
      const offset = offsetOf(this.#node(prefix)) ?? offsetOf(this.#pair(prefix)?.key);
      if (offset !== undefined) return offset;
    }
    return offsetOf(this.#current().document.contents) ?? 0;
  }

  #node(path: ConfigPath): Node | undefined {
    let node: unknown = this.#current().document.contents;
    for (const key of path) {
      const container = this.#resolve(node);
      if (isMap(container)) node = container.items.find((pair) => keyText(pair.key) === String(key))?.value;
      else if (isSeq(container)) node = container.items[Number(key)];
      else return undefined;
    }
    return isNode(node) ? node : undefined;
  }

  #pair(path: ConfigPath): { readonly key: unknown } | undefined {
    const container = this.#resolve(this.#node(path.slice(0, -1)));
    const key = String(path.at(-1));
    return isMap(container) ? container.items.find((pair) => keyText(pair.key) === key) : undefined;
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#current().document) : node;
  }
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key);
}

/** What YAML takes a text without quotes for: `80` and `true` are no strings. */
function asPlain(text: string): unknown {
  if (text !== '' && !/^[-+.\w]+$/.test(text)) return text;
  const { contents, errors } = parseDocument(text);
  if (text === '' || errors.length > 0) return text === '' ? null : text;
  return isScalar(contents) ? contents.value : text;
}

/** YAML reads `[::1]:80` as the start of a list and `${A}` in braces as that of a mapping unless quoted, and does not tell. */
function quotingHint(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const bare = /[:,[-] *(\[[0-9a-f]*:[0-9a-f:.]*\]:\d+)/i.exec(line)?.[1];
  if (bare !== undefined) return ` (an IPv6 address needs quotes here: "${bare}")`;
  const reference = /[:,[] *((?:[^\s"',:[{}][^"',[{}]*)?\$\{[^}]*\})/.exec(line)?.[1];
  return reference === undefined || !/[{[]/.test(line.replace(reference, ''))
    ? ''
    : ` (a reference to the environment needs quotes here: "${reference}")`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/:$/, '');
}
