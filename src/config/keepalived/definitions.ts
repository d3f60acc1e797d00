import { PlacedText } from './placed-text.ts';

/** What `$NAME` stands for: one line, several (a line of the file may then end with it), or what a function says. */
export type DefinitionValue =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'lines'; readonly lines: readonly PlacedText[] }
  | {
      readonly kind: 'function';
      readonly parameters: readonly [least: number, most: number];
      readonly call: DefinitionFunction;
    };

/** The text of a predefined name that takes words: `${_RANDOM 1 9}`; undefined where these words mean nothing. */
export type DefinitionFunction = (parameters: readonly string[]) => string | undefined;

/** A line with definitions put in. */
export interface Substituted {
  readonly text: PlacedText;
  readonly changed: boolean;
  /** What follows as lines of their own, the first of which come first. */
  readonly following: readonly PlacedText[];
}

/** Definitions that refer to themselves would go on for ever. */
const MOST_SUBSTITUTIONS = 1000;
const LONGEST = 65_536;
const REFERENCE =
  /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)((?:[ \t]+[A-Za-z0-9_]+)*)\}|([A-Za-z_][A-Za-z0-9_]*)(?=[ \t,)]|$))/g;

/** The names of a keepalived.conf: `$NAME=value`, and those that it has from the start (keepalived's lib/parser.c, replace_param). */
export class Definitions {
  readonly #values = new Map<string, DefinitionValue>();

  set(name: string, value: DefinitionValue): void {
    this.#values.set(name, value);
  }

  /**
   * Puts in what is defined, and into that again; names that are not defined stay as they are. Undefined where it would not end, or
   * where the line becomes too long.
   */
  substitute(line: PlacedText): Substituted | undefined {
    let text = line;
    let following: readonly PlacedText[] = [];
    let from = 0;
    for (let count = 0; count < MOST_SUBSTITUTIONS; ) {
      REFERENCE.lastIndex = from;
      const match = REFERENCE.exec(text.text);
      if (match === null) return { text, changed: count > 0, following };
      const { index: at, 0: written } = match;
      const end = at + written.length;
      const found = this.#find(match, end === text.length);
      if (found === undefined) {
        from = at + 1;
        continue;
      }
      count += 1;
      from = at;
      text = text.replace(at, end, found.first ?? PlacedText.standingFor(found.text, text.placeAt(at)));
      following = [...found.rest, ...following];
      if (text.length > LONGEST || following.length > LONGEST) return undefined;
      // A sequence has its own names, which have no values yet.
      if (at === 0 && /^[ \t]*~/.test(text.text)) return { text, changed: true, following };
    }
    return undefined;
  }

  #find(
    [, braced, words = '', bare]: RegExpExecArray,
    isLast: boolean,
  ):
    | { readonly text: string; readonly first?: PlacedText; readonly rest: readonly PlacedText[] }
    | undefined {
    const value = this.#values.get(braced ?? bare ?? '');
    const parameters = words.split(/[ \t]+/).filter((word) => word !== '');
    switch (value?.kind) {
      case undefined:
        return undefined;
      case 'line':
        return parameters.length > 0 ? undefined : { text: value.text, rest: [] };
      case 'lines': {
        if (!isLast || parameters.length > 0) return undefined;
        const [first, ...rest] = value.lines;
        return { text: '', ...(first !== undefined && { first }), rest };
      }
      case 'function': {
        const [least, most] = value.parameters;
        if (parameters.length < least || parameters.length > most) return undefined;
        const text = value.call(parameters);
        return text === undefined ? undefined : { text, rest: [] };
      }
    }
  }
}
