/** Characters of foreign text that a detail repeats. */
const MOST = 200;

/** Text as one line without control characters, cut after 200 characters: what comes from outside may be told in a log. */
export function oneLine(text: string, most = MOST): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go.
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

/** The beginning of what a server sent, in quotes and in one line: `"SSH-2.0-OpenSSH"`. */
export function quoted(text: string, most = 60): string {
  const printable = text.slice(0, most).replace(/[^\u0020-\u007e]/g, '.');
  return `"${printable}${text.length > most ? '…' : ''}"`;
}
