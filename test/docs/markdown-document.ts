import { readFileSync } from 'node:fs';

export interface Heading {
  readonly level: number;
  readonly text: string;
  /** The anchor that GitHub gives it. */
  readonly anchor: string;
  /** Counted from 1. */
  readonly line: number;
}

/** A fenced block of code. */
export interface CodeBlock {
  /** The first word after the fence, such as `sh`; empty where there is none. */
  readonly language: string;
  /** The rest of that line. */
  readonly remark: string;
  readonly code: string;
  /** Of the opening fence, counted from 1. */
  readonly line: number;
  /** The line of text right before it, blank lines left out; HTML comments count as lines. */
  readonly before: string;
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

/** What the tests of the documentation read of a Markdown file. */
export interface MarkdownDocument {
  readonly headings: readonly Heading[];
  readonly blocks: readonly CodeBlock[];
  /** Links and images, in order; those in code are none. */
  readonly links: readonly Link[];
  /** Every anchor that a link can name: of headings, and `<a id="…">`. */
  readonly anchors: ReadonlySet<string>;
}

export function readMarkdown(file: string | URL): MarkdownDocument {
  return parseMarkdown(readFileSync(file, 'utf8'));
}

export function parseMarkdown(text: string): MarkdownDocument {
  const { prose, blocks } = splitBlocks(text.split('\n'));
  const headings = findHeadings(prose);
  const ids = prose.flatMap(({ text }) => [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? ''));
  return {
    headings,
    blocks,
    links: prose.flatMap(linksOf),
    anchors: new Set([...headings.map(({ anchor }) => anchor), ...ids]),
  };
}

interface Line {
  readonly text: string;
  readonly line: number;
}

function splitBlocks(lines: readonly string[]): { prose: Line[]; blocks: CodeBlock[] } {
  const prose: Line[] = [];
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const text = lines[at] ?? '';
    const [, indent, fence, language, remark] = /^( *)(`{3,})(\S*) *(.*)$/.exec(text) ?? [];
    if (fence === undefined) {
      prose.push({ text, line: at + 1 });
      continue;
    }
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence);
    if (end === -1) throw new Error(`the block that begins at line ${at + 1} has no end`);
    const code = lines.slice(at + 1, end).map((line) => line.slice(indent?.length ?? 0));
    blocks.push({
      language: language ?? '',
      remark: remark ?? '',
      code: code.map((line) => `${line}\n`).join(''),
      line: at + 1,
      before: prose.findLast((line) => line.text.trim() !== '')?.text.trim() ?? '',
    });
    at = end;
  }
  return { prose, blocks };
}

function findHeadings(prose: readonly Line[]): Heading[] {
  const seen = new Map<string, number>();
  return prose.flatMap(({ text, line }): Heading[] => {
    const [, marks, title] = /^(#{1,6}) +(.+?) *$/.exec(text) ?? [];
    if (marks === undefined || title === undefined) return [];
    const anchor = anchorOf(title);
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return [
      { level: marks.length, text: title, line, anchor: before === 0 ? anchor : `${anchor}-${before}` },
    ];
  });
}

/** GitHub's rule: lower case, only letters, digits, `_` and `-` remain, spaces become `-`. */
function anchorOf(title: string): string {
  const plain = title.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  return plain
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Mark}\p{Number}\p{Connector_Punctuation} -]/gu, '')
    .replaceAll(' ', '-');
}

function linksOf({ text, line }: Line): Link[] {
  const withoutCode = text.replace(/(`+).*?\1/g, (code) => '·'.repeat(code.length));
  return [...withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g)].map(([, target = '']) => ({
    target,
    line,
  }));
}
