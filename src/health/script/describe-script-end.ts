import type { ScriptEnd } from './run-script.ts';

/** How a script ended, for people: `exited with 3: no route to host`. */
export function describeScriptEnd(end: ScriptEnd): string {
  switch (end.kind) {
    case 'exited':
      return withLine(`exited with ${end.code}`, end.lastLine);
    case 'signalled':
      return withLine(`ended by ${end.signal}`, end.lastLine);
    case 'timed-out':
      return withLine('not done in its time', end.lastLine);
    case 'not-started':
      return `not started: ${end.reason}`;
  }
}

function withLine(text: string, line: string | undefined): string {
  return line === undefined ? text : `${text}: ${line}`;
}
