import { type Document, isAlias, isMap, isNode, isSeq, type Node, parseDocument } from 'yaml';
import { ConfigInvalidError, type ConfigPath, type ConfigProblem, formatPath } from './config-problem.ts';
import type { ConfigSource } from './config-source.ts';

/** A YAML file as plain values, which still knows where each value was written. */
export class YamlSource implements ConfigSource {
  readonly file: string;
  /** Undefined for an empty file. */
  readonly value: unknown;
  readonly #document: Document;
  /** Where the lines start. The parser's own counter misses those that it had to skip. */
  readonly #lineStarts: readonly number[];

  /** Throws {@link ConfigInvalidError} with every mistake of syntax. */
  constructor(text: string, file: string) {
    this.file = file;
    const content = text.replace(/^\uFEFF/, '');
    this.#lineStarts = [0, ...Array.from(content.matchAll(/\n/g), ({ index }) => index + 1)];
    const { document, value } = this.#read(content);
    this.#document = document;
    this.value = value ?? undefined;
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

  #read(text: string): { document: Document; value: unknown } {
    try {
      const document = parseDocument(text, { prettyErrors: false, stringKeys: true });
      const mistakes = [...document.errors, ...document.warnings];
      if (mistakes.length > 0) {
        throw new ConfigInvalidError(
          mistakes.map(({ pos, message }) =>
            this.#at(pos[0], [], oneLine(message) + quotingHint(text, pos[0])),
          ),
        );
      }
      return { document, value: document.toJS() };
    } catch (error) {
      if (error instanceof ConfigInvalidError) throw error;
      // The parser gives up on nesting without end (RangeError) and on aliases that multiply (ReferenceError).
      const message = error instanceof Error ? error.message : String(error);
      throw new ConfigInvalidError([this.#at(0, [], `cannot be read as YAML: ${oneLine(message)}`)]);
    }
  }

  #at(offset: number, path: ConfigPath, message: string): ConfigProblem {
    const line = this.#lineAt(offset);
    const column = offset - (this.#lineStarts[line - 1] ?? 0) + 1;
    return { file: this.file, line, column, path: formatPath(path), message };
  }

  #lineAt(offset: number): number {
    let [first, last] = [0, this.#lineStarts.length];
    while (last - first > 1) {
      const middle = (first + last) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) first = middle;
      else last = middle;
    }
    return first + 1;
  }

  #valueOffset(path: ConfigPath): number {
    for (let length = path.length; length > 0; length -= 1) {
      const prefix = path.slice(0, length);
      const offset = offsetOf(this.#node(prefix)) ?? offsetOf(this.#pair(prefix)?.key);
      if (offset !== undefined) return offset;
    }
    return offsetOf(this.#document.contents) ?? 0;
  }

  #node(path: ConfigPath): Node | undefined {
    let node: unknown = this.#document.contents;
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
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key);
}

/** YAML reads `[::1]:80` as the start of a list unless it is quoted, and its own message does not tell. */
function quotingHint(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const bare = /[:,[-] *(\[[0-9a-f]*:[0-9a-f:.]*\]:\d+)/i.exec(line)?.[1];
  return bare === undefined ? '' : ` (an IPv6 address needs quotes here: "${bare}")`;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(/:$/, '');
}
