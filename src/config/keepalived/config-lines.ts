import { basename, dirname, join } from 'node:path';
import { Definitions, type Substituted } from './definitions.ts';
import {
  changedIncludeChecks,
  DEFAULT_INCLUDE_CHECKS,
  INCLUDE_KEYWORDS,
  type IncludeChecks,
  unitedChecks,
} from './include-check.ts';
import type { KeepalivedEnvironment } from './keepalived-environment.ts';
import { PlacedText } from './placed-text.ts';
import { predefine } from './predefined.ts';
import type { ProblemLog } from './problem-log.ts';
import { readSequence } from './sequence.ts';
import { splitAtBraces } from './split-at-braces.ts';
import { stripComment } from './strip-comment.ts';
import type { Word } from './word.ts';

/** Lines that are still to be read: of a file, of a definition, or of one line with several values. */
type Pending =
  | {
      readonly kind: 'file';
      readonly lines: readonly string[];
      next: number;
      readonly name: string;
      readonly path: string;
      /** What was checked where it was included, and is again after it. */
      readonly checksBefore: IncludeChecks;
    }
  | { readonly kind: 'lines'; readonly lines: readonly PlacedText[]; next: number }
  | {
      readonly kind: 'sequence';
      readonly names: readonly string[];
      readonly values: Iterator<readonly string[]>;
      readonly text: PlacedText;
    };

/** Files in files, and definitions in definitions. */
const DEEPEST = 100;
/** What definitions and sequences may make of a file. */
const MOST_LINES = 1_000_000;
const DEFINITION = /^\$([A-Za-z_][A-Za-z0-9_]*)=[ \t]*/;
const BEGINS_DEFINITION = /^(?:@\S+[ \t]+)*\$[A-Za-z_][A-Za-z0-9_]*=/;

/**
 * The lines of a keepalived.conf as they are meant: without comments, with the included files, with definitions put in, without what
 * is for other hosts, and with each brace that stands outside of quotes as a line of its own (keepalived's lib/parser.c, read_line).
 */
export class ConfigLines {
  readonly #environment: KeepalivedEnvironment;
  readonly #log: ProblemLog;
  readonly #definitions = new Definitions();
  readonly #pending: Pending[] = [];
  #ready: PlacedText[] = [];
  #checks: IncludeChecks = DEFAULT_INCLUDE_CHECKS;
  #count = 0;

  constructor(text: string, file: string, environment: KeepalivedEnvironment, log: ProblemLog) {
    this.#environment = environment;
    this.#log = log;
    predefine(this.#definitions, environment, () => this.#directory());
    this.#open(text, file, join(environment.directory, basename(file)));
  }

  /** The next line, which stays the next one; undefined at the end. */
  peek(): PlacedText | undefined {
    while (this.#ready.length === 0) {
      const line = this.#nextLine();
      if (line === undefined) return undefined;
      this.#ready = splitAtBraces(line);
    }
    return this.#ready[0];
  }

  next(): PlacedText | undefined {
    const line = this.peek();
    this.#ready.shift();
    return line;
  }

  /** From now on, files are included as `include_check` with these words says. */
  setIncludeChecks(words: readonly Word[]): void {
    this.#checks = changedIncludeChecks(this.#checks, words);
  }

  #nextLine(): PlacedText | undefined {
    for (;;) {
      const raw = this.#nextRaw();
      if (raw === undefined) return undefined;
      this.#count += 1;
      if (this.#count > MOST_LINES) {
        this.#log.error(
          raw.placeAt(0),
          `definitions and sequences make more than ${MOST_LINES} lines of this file`,
        );
        this.#pending.length = 0;
        return undefined;
      }
      const line = this.#process(raw);
      if (line !== undefined && line.length > 0) return line;
    }
  }

  /** What a line says; undefined where it says something about lines. */
  #process(raw: PlacedText): PlacedText | undefined {
    let line = raw;
    for (let rounds = 0; rounds < DEEPEST; rounds += 1) {
      const conditional = /^@(\^?)(\S*)[ \t]*/.exec(line.text);
      if (conditional !== null) {
        const [whole, negated, name] = conditional;
        const applies = (name === this.#environment.configId) !== (negated === '^');
        if (!applies || whole.length === line.length) return undefined;
        line = line.slice(whole.length);
        continue;
      }
      const definition = DEFINITION.exec(line.text);
      if (definition !== null) {
        const [whole, name = ''] = definition;
        this.#define(name, line.slice(whole.length));
        return undefined;
      }
      if (/^~(?:SEQ|LST)/.test(line.text)) {
        this.#beginSequence(line);
        return undefined;
      }
      const substituted = this.#substitute(line);
      if (substituted === undefined) return undefined;
      if (!substituted.changed) return this.#include(line) ? undefined : line;
      if (substituted.following.length > 0)
        this.#push({ kind: 'lines', lines: substituted.following, next: 0 }, line);
      line = substituted.text.trim();
    }
    this.#log.error(line.placeAt(0), 'definitions in this line lead to more and more definitions');
    return undefined;
  }

  #substitute(line: PlacedText): Substituted | undefined {
    const substituted = this.#definitions.substitute(line);
    if (substituted === undefined) {
      const at = line.placeAt(Math.max(0, line.text.indexOf('$')));
      this.#log.error(at, 'a definition refers to itself, or becomes too long');
    }
    return substituted;
  }

  /** A definition of several lines goes on as long as its lines end with a backslash. */
  #define(name: string, first: PlacedText): void {
    if (!first.text.endsWith('\\')) {
      this.#definitions.set(name, { kind: 'line', text: first.text });
      return;
    }
    const lines = [first.slice(0, first.length - 1).trim()];
    for (let more = true; more; ) {
      const line = this.#nextOfFile();
      if (line === undefined || line === 'blank') break;
      more = line.text.endsWith('\\');
      lines.push(more ? line.slice(0, line.length - 1).trim() : line);
    }
    const said = lines.filter(({ length }) => length > 0);
    this.#definitions.set(
      name,
      said.length === 0 ? { kind: 'line', text: '' } : { kind: 'lines', lines: said },
    );
  }

  #beginSequence(line: PlacedText): void {
    const substitute = (text: string) =>
      this.#definitions.substitute(PlacedText.standingFor(text, line.placeAt(0)))?.text.text ?? text;
    const sequence = readSequence(line.text, substitute);
    if ('message' in sequence) this.#log.error(line.placeAt(0), sequence.message);
    else {
      const { names, values, end } = sequence;
      this.#push({ kind: 'sequence', names, values: values[Symbol.iterator](), text: line.slice(end) }, line);
    }
  }

  #push(pending: Pending, cause: PlacedText): void {
    if (this.#pending.length < DEEPEST) {
      this.#pending.push(pending);
      return;
    }
    this.#log.error(cause.placeAt(0), 'definitions in definitions go too deep: one refers to itself');
    this.#pending.length = 0;
  }

  #nextRaw(): PlacedText | undefined {
    for (;;) {
      const top = this.#pending.at(-1);
      switch (top?.kind) {
        case undefined:
          return undefined;
        case 'file': {
          const line = this.#nextOfFile();
          if (line === undefined) {
            this.#pending.pop();
            this.#checks = top.checksBefore;
          } else if (line !== 'blank') return this.#joined(line);
          break;
        }
        case 'lines': {
          const line = top.lines[top.next];
          top.next += 1;
          if (line !== undefined) return line;
          this.#pending.pop();
          break;
        }
        case 'sequence': {
          const { done, value } = top.values.next();
          if (done !== true) {
            top.names.forEach((name, index) => {
              this.#definitions.set(name, { kind: 'line', text: value[index] ?? '' });
            });
            return top.text;
          }
          this.#pending.pop();
          break;
        }
      }
    }
  }

  /** A backslash at its end continues a line. keepalived takes it so in definitions only, and elsewhere as part of the last word. */
  #joined(first: PlacedText): PlacedText {
    let line = first;
    while (line.text.endsWith('\\') && !BEGINS_DEFINITION.test(line.text)) {
      const next = this.#nextOfFile();
      const before = line.slice(0, line.length - 1).trim();
      if (next === undefined || next === 'blank') return before;
      line = before.concat(PlacedText.standingFor(' ', next.placeAt(0))).concat(next);
    }
    return line;
  }

  /** The next line of the file that is read, without its comment, but with the backslash at its end. */
  #nextOfFile(): PlacedText | 'blank' | undefined {
    const file = this.#pending.at(-1);
    if (file?.kind !== 'file') return undefined;
    for (;;) {
      const raw = file.lines[file.next];
      if (raw === undefined) return undefined;
      file.next += 1;
      if (raw === '') return 'blank';
      const place = { file: file.name, line: file.next, column: 1 };
      const { text, continues } = stripComment(PlacedText.at(raw, place));
      if (continues) return text.concat(PlacedText.standingFor('\\', place));
      if (text.length > 0) return text;
    }
  }

  #open(text: string, name: string, path: string): void {
    const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
    this.#pending.push({ kind: 'file', lines, next: 0, name, path, checksBefore: this.#checks });
  }

  /** The directory of the file that is being read: what paths of `include` and `${_PWD}` are meant from. */
  #directory(): string {
    const file = this.#pending.findLast(({ kind }) => kind === 'file');
    return file?.kind === 'file' ? dirname(file.path) : this.#environment.directory;
  }

  /** Opens what a line with `include` names; false for other lines. */
  #include(line: PlacedText): boolean {
    const [head, keyword = ''] = /^(include[rmwba]?)[ \t]+/.exec(line.text) ?? [];
    const own = INCLUDE_KEYWORDS[keyword];
    if (head === undefined || own === undefined) return false;
    const place = line.placeAt(head.length);
    const pattern = line.text.slice(head.length);
    const checks = unitedChecks(own, this.#checks);
    const tell = (grave: boolean, message: string) =>
      grave
        ? this.#log.error(place, message)
        : this.#log.warn(place, `${message}; ${keyword} goes on without it`);
    const directory = this.#directory();
    const paths = this.#environment.findFiles(pattern, directory);
    const wild = /[*?[]/.test(pattern);
    const braces = /\{.*\}/.test(pattern);
    if (paths.length === 0) {
      const grave = (wild && checks.wildcard) || (!wild && checks.match) || (braces && checks.brace);
      // A directory for drop-in files may be empty.
      if (grave || !wild) tell(grave, `no file is there as ${pattern}, from ${directory}`);
    }
    for (const path of [...paths].reverse()) {
      if (
        this.#pending.some((pending) => pending.kind === 'file' && pending.path === path && pending.next > 0)
      ) {
        this.#log.error(place, `${path} includes itself`);
        continue;
      }
      const read = this.#environment.readFile(path);
      if ('reason' in read) tell(checks.read, `${path} cannot be read: ${read.reason}`);
      else if (this.#pending.length >= DEEPEST) this.#log.error(place, 'files are included too deep');
      else this.#open(read.text, path, path);
    }
    return true;
  }
}
