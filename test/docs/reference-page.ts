import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../project/source-file.ts';

/** A heading and what stands below it, up to the next heading of any depth. */
export interface Section {
  /** Without the `#`s, and without backticks. */
  readonly title: string;
  readonly depth: number;
  readonly text: string;
}

/** A fenced block: ` ```yaml vipr.yaml `, and the lines between the fences. */
export interface Fence {
  readonly language: string;
  /** What follows the language, or nothing. */
  readonly name: string;
  readonly text: string;
}

/** The sections of a page of documentation, by its path in the checkout; what precedes the first heading is left out. */
export function readPage(path: string): readonly Section[] {
  const sections: { title: string; depth: number; text: string }[] = [];
  let fenced = false;
  for (const line of readFileSync(join(CHECKOUT, path), 'utf8').split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    const heading = fenced ? null : /^(#+) (.*)$/.exec(line);
    if (heading !== null) {
      sections.push({
        depth: heading[1]?.length ?? 0,
        title: (heading[2] ?? '').replaceAll('`', ''),
        text: '',
      });
      continue;
    }
    const last = sections.at(-1);
    if (last !== undefined) last.text += `${line}\n`;
  }
  return sections;
}

/** The section of that title; throws where the page has none. */
export function sectionOf(sections: readonly Section[], title: string): Section {
  const found = sections.find((section) => section.title === title);
  if (found === undefined) throw new RangeError(`the page has no section '${title}'`);
  return found;
}

export function fencesOf(text: string): readonly Fence[] {
  return [...text.matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', name = '', body = '']) => ({ language, name, text: body }),
  );
}

/** The rows of the tables of a text, as cells without blanks around them; heads and rules are left out. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  return lines
    .filter((line, index) => {
      const isRow = line.startsWith('|') && !isRule(line);
      return isRow && !isRule(lines[index + 1] ?? '');
    })
    .map((line) =>
      line
        .replace(/^\|\s*|\s*\|\s*$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}

/** Every text between backticks, also between doubled ones. */
export function codesOf(text: string): readonly string[] {
  return [...text.matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g)].map(([, , code = '']) => code);
}

function isRule(line: string): boolean {
  return /^\|[\s:|-]+\|$/.test(line);
}
