const UNITS = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** A number from 0 in at most 5 characters: `0`, `0.3`, `999`, `1.2k`, `12.3k`, `123k`, `4.5M`; k is 1,000. */
export function shortNumber(value: number): string {
  let rest = value;
  let unit = 0;
  // 999.5 is told as 1.0k, and not as 1000.
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  const plain = unit === 0 && (Number.isInteger(rest) || rest >= 10);
  const decimals = plain || rest >= 99.95 ? 0 : 1;
  return `${rest.toFixed(decimals)}${UNITS[unit]}`;
}

/** A text in at most `width` characters: what is left out of its middle is shown as an ellipsis. */
export function shortText(text: string, width: number): string {
  if (text.length <= width) return text;
  if (width <= 1) return '…'.slice(0, width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}
