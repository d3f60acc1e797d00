import type { Verdict } from '../checker.ts';
import { LineReader } from '../connect/line-reader.ts';
import { bad, CheckFailure, good, type Talk, type Turn } from '../connect/talk.ts';
import { oneLine, quoted } from '../one-line.ts';

/** What is asked, in this order; HELO only of servers that do not know EHLO (RFC 5321, section 4.1.1.1). */
type Step = 'greeting' | 'EHLO' | 'HELO' | 'QUIT';

/** Bytes of all replies together. */
const MOST_BYTES = 64 * 1024;
/** RFC 5321, section 4.5.3.1.5, allows 512; some servers write more. */
const MOST_LINE_BYTES = 4096;

/** Greeting, EHLO or HELO, QUIT: RFC 5321. */
export class SmtpTalk implements Talk {
  readonly #name: string;
  readonly #lines = new LineReader(MOST_LINE_BYTES, 'a line of the reply');
  #step: Step = 'greeting';
  /** The code of a reply whose last line has not come yet. */
  #code: string | undefined;
  #bytes = 0;

  /** `name`: what EHLO says. */
  constructor(name: string) {
    this.#name = name;
  }

  get waitingFor(): string {
    return this.#step === 'greeting' ? 'the greeting' : `the reply to ${this.#step}`;
  }

  begin(): Turn {
    if (/^[\u0021-\u007e]+$/.test(this.#name)) return undefined;
    return bad(`the name for HELO cannot be sent: ${quoted(this.#name)}`);
  }

  hear(bytes: Buffer): Turn {
    this.#bytes += bytes.length;
    if (this.#bytes > MOST_BYTES) throw new CheckFailure(`the replies are longer than ${MOST_BYTES} bytes`);
    let say = '';
    for (let at = 0; at < bytes.length; ) {
      const { line, next } = this.#lines.read(bytes, at);
      at = next;
      if (line === undefined) break;
      const turn = this.#takeLine(line);
      if (turn === undefined) continue;
      if (!('say' in turn)) return turn;
      say += turn.say;
    }
    return say === '' ? undefined : { say };
  }

  end(): Verdict {
    // All that matters has been answered; some servers leave without a word.
    if (this.#step === 'QUIT') return good(ANSWERS);
    return bad(`the connection was closed before ${this.waitingFor}`);
  }

  /** `250-text` is followed by more lines, `250 text` and `250` are the last (RFC 5321, section 4.2.1). */
  #takeLine(line: string): Turn {
    const [, code, mark] = /^([2-5]\d\d)(?:([ -]).*)?$/s.exec(line) ?? [];
    if (code === undefined || (this.#code !== undefined && this.#code !== code))
      throw new CheckFailure(`${this.waitingFor} is not SMTP: ${quoted(line)}`);
    this.#code = mark === '-' ? code : undefined;
    return mark === '-' ? undefined : this.#takeReply(Number(code), line);
  }

  #takeReply(code: number, line: string): Turn {
    switch (this.#step) {
      case 'greeting':
        if (code !== 220) return this.#refused(line);
        return this.#say('EHLO', `EHLO ${this.#name}`);
      case 'EHLO':
        if (code === 250) return this.#say('QUIT', 'QUIT');
        // Syntax error, or not implemented: only extensions are missing.
        if (code < 500 || code > 504) return this.#refused(line);
        return this.#say('HELO', `HELO ${this.#name}`);
      case 'HELO':
        return code === 250 ? this.#say('QUIT', 'QUIT') : this.#refused(line);
      case 'QUIT':
        return code === 221 ? good(ANSWERS) : this.#refused(line);
      default:
        this.#step satisfies never;
        throw new CheckFailure('SMTP has no such step');
    }
  }

  #say(step: Step, command: string): Turn {
    this.#step = step;
    return { say: `${command}\r\n` };
  }

  #refused(line: string): Verdict {
    return bad(oneLine(`${this.waitingFor} is ${quoted(line)}`));
  }
}

const ANSWERS = 'SMTP answers';
