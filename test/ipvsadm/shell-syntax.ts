/** The little of the shell's language that transcripts use. */
export type Statement =
  | { readonly kind: 'pipeline'; readonly commands: readonly SimpleCommand[] }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: List };

/** Statements with what joins each to the one before: a `&&` makes it depend on success. */
export type List = readonly { readonly onlyAfterSuccess: boolean; readonly statement: Statement }[];

export interface SimpleCommand {
  /** `NAME=value` before the command. */
  readonly assignments: ReadonlyMap<string, string>;
  readonly words: readonly Word[];
  readonly input?: Word;
  readonly output?: Word;
}

/** Parts of a word; variables are replaced in those that were not in single quotes. */
export type Word = readonly { readonly text: string; readonly literal: boolean }[];

type Token =
  | { readonly kind: 'operator'; readonly text: string }
  | { readonly kind: 'word'; readonly word: Word };

/** Parses a shell line; throws an Error where it uses more than `;`, `|`, `&&`, `<`, `>`, quotes and `for`. */
export function parseShell(line: string): List {
  const parser = new Parser(tokenize(line));
  const list = parser.list();
  parser.expectEnd();
  return list;
}

const TOKEN = /\s+|&&|[;|<>]|(?:'[^']*'|[^\s;|<>&'"`\\])+/y;

function tokenize(line: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < line.length) {
    const at = TOKEN.lastIndex;
    const text = TOKEN.exec(line)?.[0];
    if (text === undefined) throw new Error(`cannot read ${JSON.stringify(line.slice(at))}`);
    if (/^(?:&&|[;|<>])$/.test(text)) tokens.push({ kind: 'operator', text });
    else if (text.trim() !== '') tokens.push({ kind: 'word', word: wordOf(text) });
  }
  return tokens;
}

function wordOf(text: string): Word {
  return text
    .split(/('[^']*')/)
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith("'") ? { text: part.slice(1, -1), literal: true } : { text: part, literal: false },
    );
}

class Parser {
  readonly #tokens: Token[];

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  list(): List {
    const list: { onlyAfterSuccess: boolean; statement: Statement }[] = [];
    let onlyAfterSuccess = false;
    while (this.#tokens.length > 0 && this.#bare() !== 'done') {
      list.push({ onlyAfterSuccess, statement: this.#statement() });
      onlyAfterSuccess = this.#operator() === '&&';
      if (this.#operator() === ';' || onlyAfterSuccess) this.#tokens.shift();
    }
    return list;
  }

  expectEnd(): void {
    if (this.#tokens.length > 0) throw new Error(`unexpected ${JSON.stringify(this.#tokens[0])}`);
  }

  #statement(): Statement {
    if (this.#bare() === 'for') return this.#loop();
    const commands = [this.#command()];
    while (this.#operator() === '|') {
      this.#tokens.shift();
      commands.push(this.#command());
    }
    return { kind: 'pipeline', commands };
  }

  #loop(): Statement {
    this.#tokens.shift();
    const name = this.#word()
      .map(({ text }) => text)
      .join('');
    this.#expectBare('in');
    const words: Word[] = [];
    while (this.#tokens[0]?.kind === 'word') words.push(this.#word());
    this.#tokens.shift();
    this.#expectBare('do');
    const body = this.list();
    this.#expectBare('done');
    return { kind: 'for', name, words, body };
  }

  #command(): SimpleCommand {
    const assignments = new Map<string, string>();
    const words: Word[] = [];
    const redirections: { input?: Word; output?: Word } = {};
    for (;;) {
      const operator = this.#operator();
      if (operator === '<' || operator === '>') {
        this.#tokens.shift();
        redirections[operator === '<' ? 'input' : 'output'] = this.#word();
      } else if (this.#tokens[0]?.kind === 'word') {
        const assignment = words.length === 0 ? /^([A-Z]+)=(.*)$/.exec(this.#bare() ?? '') : null;
        if (assignment === null) words.push(this.#word());
        else {
          this.#tokens.shift();
          assignments.set(assignment[1] ?? '', assignment[2] ?? '');
        }
      } else return { assignments, words, ...redirections };
    }
  }

  #word(): Word {
    const token = this.#tokens.shift();
    if (token?.kind !== 'word') throw new Error(`a word is missing before ${JSON.stringify(token)}`);
    return token.word;
  }

  #expectBare(text: string): void {
    if (this.#bare() !== text) throw new Error(`'${text}' is missing`);
    this.#tokens.shift();
  }

  /** The next token where it is an unquoted word. */
  #bare(): string | undefined {
    const token = this.#tokens[0];
    if (token?.kind !== 'word' || token.word.length !== 1 || token.word[0]?.literal) return undefined;
    return token.word[0]?.text;
  }

  #operator(): string | undefined {
    const token = this.#tokens[0];
    return token?.kind === 'operator' ? token.text : undefined;
  }
}
