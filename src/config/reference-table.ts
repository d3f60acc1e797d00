import type { ConfigSection } from './config-sections.ts';
import { fieldDocs, presetOf } from './field-doc.ts';

/** The table of a section of the reference, in Markdown. */
export function referenceTable({ fields }: ConfigSection): string {
  const rows = Object.entries(fields).map(([key, schema]) => {
    const doc = fieldDocs.get(schema);
    if (doc === undefined) throw new TypeError(`the field ${key} has no documentation`);
    const cells = [`\`${key}\``, doc.value, presetOf(schema), `\`${doc.example}\``];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | value | default | for example |', '|---|---|---|---|', ...rows].join('\n');
}

/** A page whose tables are those of the sections with their titles; what stands around the tables stays. */
export function withReferenceTables(page: string, sections: readonly ConfigSection[]): string {
  return sections.reduce((text, section) => {
    const heading = new RegExp(
      `^#+ \`?${section.title.replace(/[.*+?^$(){}|[\]\\]/g, '\\$&')}\`?$`,
      'm',
    ).exec(text);
    if (heading === null) throw new TypeError(`the page has no section '${section.title}'`);
    const start = heading.index + heading[0].length;
    const rest = text.slice(start);
    const next = /^#+ /m.exec(rest.replace(/^```[\s\S]*?^```/gm, (block) => 'x'.repeat(block.length)));
    const body = rest.slice(0, next?.index ?? rest.length);
    const table = /^\| key \|[^\n]*\n(?:\|[^\n]*\n)+/m;
    if (!table.test(body)) throw new TypeError(`the section '${section.title}' has no table`);
    const filled = body.replace(table, () => `${referenceTable(section)}\n`);
    return text.slice(0, start) + filled + rest.slice(body.length);
  }, page);
}
