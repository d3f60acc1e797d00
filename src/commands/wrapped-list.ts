/** Columns that every terminal has. */
const WIDTH = 80;

/** A list behind its head, as lines of at most 80 columns where each item has room in one; the further ones are indented by two more. */
export function wrappedList(head: string, items: readonly string[]): string[] {
  const indent = `${/^ */.exec(head)?.[0] ?? ''}  `;
  const lines: string[] = [];
  let line = head;
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item},` : item;
    if (index > 0 && line.length + 1 + text.length > WIDTH) {
      lines.push(line);
      line = indent + text;
    } else line += ` ${text}`;
  }
  return [...lines, line];
}
