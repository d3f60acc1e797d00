import { styleText } from 'node:util';

let chapters = 0;

/** A chapter begins. */
export function heading(text: string): void {
  chapters += 1;
  print(`\n${styleText('bold', `${chapters}. ${text}`)}`);
}

/** The first of what is said; chapters are numbered from here on. */
export function title(text: string): void {
  chapters = 0;
  print(styleText('bold', text));
}

export function say(text: string): void {
  print(text);
}

/** A command as it is typed; `host` says where, if there are several. */
export function showCommand(line: string, host = ''): void {
  print(styleText('cyan', `${host}$ ${line}`));
}

/** What a command printed, `mostLines` of it. */
export function showOutput(text: string, mostLines = 30): void {
  if (text.trim() === '') return;
  const lines = text.trimEnd().split('\n');
  print(lines.slice(0, mostLines).join('\n'));
  if (lines.length > mostLines) print(`… ${lines.length - mostLines} more lines`);
}

/** Whether what was promised came true. */
export function showVerdict(isTrue: boolean, promise: string, otherwise: string): void {
  print(
    isTrue ? styleText('green', `✓ ${promise}`) : styleText('red', `✗ NOT TRUE: ${promise}; ${otherwise}`),
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
