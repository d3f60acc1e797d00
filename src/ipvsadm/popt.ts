/** A switch of a command line, as popt's tables have them. */
export interface PoptOption<Id extends string> {
  readonly id: Id;
  readonly long?: string;
  readonly short?: string;
  readonly argument: 'none' | 'required' | 'optional';
}

/** The switches of a program, for look-ups. */
export class PoptTable<Id extends string> {
  readonly #byLong = new Map<string, PoptOption<Id>>();
  readonly #byShort = new Map<string, PoptOption<Id>>();

  constructor(options: readonly PoptOption<Id>[]) {
    for (const option of options) {
      if (option.long !== undefined) this.#byLong.set(option.long, option);
      if (option.short !== undefined) this.#byShort.set(option.short, option);
    }
  }

  long(name: string): PoptOption<Id> | undefined {
    return this.#byLong.get(name);
  }

  short(letter: string): PoptOption<Id> | undefined {
    return this.#byShort.get(letter);
  }
}

export type PoptStep<Id extends string> =
  | { readonly kind: 'option'; readonly id: Id; readonly value: string | undefined }
  | { readonly kind: 'end' }
  /** The text is poptStrerror(3)'s. */
  | { readonly kind: 'error'; readonly text: string };

/**
 * Takes switches from a command line as popt does (popt 1.19, poptGetNextOpt): short ones combine (`-Ln`), a short
 * one's value may follow at once (`-w5`, `-w=5`) or as the next word, a long one's after `=` or as the next word, an
 * optional value is never a word that begins with `-`; words that are no switches are kept for {@link argument}, and
 * after `--` all are.
 */
export class Popt<Id extends string> {
  readonly #words: readonly string[];
  readonly #table: PoptTable<Id>;
  readonly #arguments: string[] = [];
  #next = 0;
  #nextArgument = 0;
  /** What is left of a word of combined short switches. */
  #cluster = '';
  #onlyArguments = false;

  constructor(words: readonly string[], table: PoptTable<Id>) {
    this.#words = words;
    this.#table = table;
  }

  /** The word that was read last: what poptBadOption(3) names. */
  get word(): string {
    return this.#words[this.#next - 1] ?? '';
  }

  next(): PoptStep<Id> {
    if (this.#cluster !== '') return this.#shortSwitch();
    while (this.#next < this.#words.length) {
      const word = this.#words[this.#next++] ?? '';
      if (this.#onlyArguments || word === '-' || !word.startsWith('-')) this.#arguments.push(word);
      else if (word === '--') this.#onlyArguments = true;
      else if (word.startsWith('--')) return this.#longSwitch(word.slice(2));
      else {
        this.#cluster = word.slice(1);
        return this.#shortSwitch();
      }
    }
    return { kind: 'end' };
  }

  /** The next word that was no switch, or undefined. Meant for after the last switch. */
  argument(): string | undefined {
    return this.#arguments[this.#nextArgument++];
  }

  #longSwitch(text: string): PoptStep<Id> {
    const equals = text.indexOf('=');
    const option = this.#table.long(equals < 0 ? text : text.slice(0, equals));
    return this.#withValue(option, equals < 0 ? undefined : text.slice(equals + 1));
  }

  #shortSwitch(): PoptStep<Id> {
    const option = this.#table.short(this.#cluster.charAt(0));
    this.#cluster = this.#cluster.slice(1);
    if (option === undefined || option.argument === 'none') {
      return this.#withValue(option, this.#cluster.startsWith('=') ? this.#cluster : undefined);
    }
    const attached = this.#cluster === '' ? undefined : this.#cluster.replace(/^=/, '');
    this.#cluster = '';
    return this.#withValue(option, attached);
  }

  #withValue(option: PoptOption<Id> | undefined, attached: string | undefined): PoptStep<Id> {
    if (option === undefined) return { kind: 'error', text: 'unknown option' };
    if (option.argument === 'none') {
      if (attached !== undefined) return { kind: 'error', text: 'option does not take an argument' };
      return { kind: 'option', id: option.id, value: undefined };
    }
    if (attached !== undefined) return { kind: 'option', id: option.id, value: attached };
    const following = this.#words[this.#next];
    if (following === undefined && option.argument === 'required') {
      return { kind: 'error', text: 'missing argument' };
    }
    if (following === undefined || (option.argument === 'optional' && following.startsWith('-'))) {
      return { kind: 'option', id: option.id, value: undefined };
    }
    this.#next += 1;
    return { kind: 'option', id: option.id, value: following };
  }
}
