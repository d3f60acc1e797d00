/** A command of a transcript, with what it printed. */
export interface Step {
  /** Line of the command in its file, from 1. */
  readonly line: number;
  readonly command: string;
  /** Lines that begin with `#` before the command, without it. */
  readonly remarks: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A recorded session: remarks at the top, then steps. */
export interface Transcript {
  readonly remarks: readonly string[];
  readonly steps: readonly Step[];
}

/**
 * Reads a transcript: `$ command`, then `--- stdout` and `--- stderr` with the lines printed, where there were any, then
 * `--- exit N`; `#` lines before a command are remarks, and those before the first empty line are the file's.
 */
export function parseTranscript(text: string): Transcript {
  const lines = text.split('\n');
  const headEnd = lines.indexOf('');
  const steps: Step[] = [];
  let remarks: string[] = [];
  for (let at = headEnd; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.startsWith('#')) remarks.push(line.slice(1).trim());
    if (!line.startsWith('$ ')) continue;
    const { step, end } = readStep(lines, at, remarks);
    steps.push(step);
    remarks = [];
    at = end;
  }
  return { remarks: lines.slice(0, headEnd).map((line) => line.slice(1).trim()), steps };
}

function readStep(lines: readonly string[], start: number, remarks: readonly string[]) {
  const output = { stdout: '', stderr: '' };
  let stream: keyof typeof output | undefined;
  for (let at = start + 1; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const exit = /^--- exit (\d+)$/.exec(line)?.[1];
    if (exit !== undefined) {
      const command = (lines[start] ?? '').slice(2);
      return { step: { line: start + 1, command, remarks, ...output, exitCode: Number(exit) }, end: at };
    }
    if (line === '--- stdout') stream = 'stdout';
    else if (line === '--- stderr') stream = 'stderr';
    else if (stream !== undefined) output[stream] += `${line}\n`;
    else throw new Error(`line ${at + 1}: output without a stream`);
  }
  throw new Error(`line ${start + 1}: a command without its exit code`);
}

/** The text that {@link parseTranscript} reads. */
export function formatTranscript({ remarks, steps }: Transcript): string {
  const head = remarks.map((remark) => `# ${remark}\n`).join('');
  return head + steps.map((step) => `\n${formatStep(step)}`).join('');
}

function formatStep({ remarks, command, stdout, stderr, exitCode }: Step): string {
  const block = (name: string, text: string): string => (text === '' ? '' : `--- ${name}\n${text}`);
  const before = remarks.map((remark) => `# ${remark}\n`).join('');
  return `${before}$ ${command}\n${block('stdout', stdout)}${block('stderr', stderr)}--- exit ${exitCode}\n`;
}
