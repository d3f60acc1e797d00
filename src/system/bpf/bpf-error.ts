import { SystemCallError } from '../system-call-error.ts';

const SHOWN_LINES = 12;

/** A call of bpf(2) or libbpf that failed, with what the verifier or libbpf said about it. */
export class BpfError extends SystemCallError {
  /** The whole log of the verifier, or libbpf's messages; its last lines are in the message. */
  readonly log: string | undefined;

  constructor(call: string, errno?: number, log?: string) {
    super(call, errno);
    this.log = log === undefined || log.trim() === '' ? undefined : log;
    if (this.log !== undefined) this.message += `\n${lastLines(this.log)}`;
  }
}

function lastLines(log: string): string {
  return log.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
}
