import type { PlacedText } from './placed-text.ts';

/** Parts a line at its braces, each of which becomes a line of its own; those inside of `"…"` are text. */
export function splitAtBraces(line: PlacedText): PlacedText[] {
  const parts: PlacedText[] = [];
  let start = 0;
  let quoted = false;
  const part = (end: number) => {
    const text = line.slice(start, end).trim();
    if (text.length > 0) parts.push(text);
  };
  for (let at = 0; at < line.length; at += 1) {
    const character = line.text[at];
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '{' || character === '}')) {
      part(at);
      parts.push(line.slice(at, at + 1));
      start = at + 1;
    }
  }
  part(line.length);
  return parts;
}
