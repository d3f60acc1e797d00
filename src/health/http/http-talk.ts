import type { HttpRequest } from '../../model/check.ts';
import type { Verdict } from '../checker.ts';
import { bad, good, type Talk, type Turn } from '../connect/talk.ts';
import { type BodyFraming, framingOf } from './body-framing.ts';
import { BodyJudge } from './body-judge.ts';
import { HeadReader, type ResponseHead } from './head-reader.ts';

/** One request and its response, RFC 9112. */
export class HttpTalk implements Talk {
  waitingFor = 'the response';
  readonly #request: HttpRequest;
  readonly #text: string;
  readonly #head = new HeadReader();
  readonly #judge: BodyJudge;
  #status = 0;
  #framing: BodyFraming | undefined;

  /** `text`: the request as it is sent. */
  constructor(request: HttpRequest, text: string) {
    this.#request = request;
    this.#text = text;
    this.#judge = new BodyJudge(request);
  }

  begin(): Turn {
    return { say: this.#text };
  }

  hear(bytes: Buffer): Turn {
    if (this.#framing !== undefined) return this.#readBody(this.#framing, bytes);
    const { head, next } = this.#head.read(bytes, 0);
    return head === undefined ? undefined : this.#readHead(head, bytes.subarray(next));
  }

  end(): Verdict {
    if (this.#framing === undefined)
      return bad(
        `the connection was closed ${this.#head.begun ? "in the response's head" : 'without an answer'}`,
      );
    const missing = this.#framing.missing();
    return missing === undefined ? this.#judgeBody() : bad(`HTTP ${this.#status}, but ${missing}`);
  }

  #readHead(head: ResponseHead, rest: Buffer): Turn {
    this.#status = head.status;
    if (!isGoodStatus(head.status, this.#request.status))
      return bad(`HTTP ${head.status}, expected ${rangesText(this.#request.status)}`);
    const framing = framingOf(head, this.#request.method);
    if (framing === undefined) return this.#judgeBody();
    this.#framing = framing;
    this.waitingFor = 'the rest of the body';
    return rest.length === 0 ? undefined : this.#readBody(framing, rest);
  }

  #readBody(framing: BodyFraming, bytes: Buffer): Turn {
    const whole = framing.read(bytes, this.#take);
    return whole || this.#judge.enough ? this.#judgeBody() : undefined;
  }

  readonly #take = (piece: Buffer): void => this.#judge.take(piece);

  #judgeBody(): Verdict {
    const objection = this.#judge.objection();
    if (objection !== undefined) return bad(`HTTP ${this.#status}, but ${objection}`);
    return good(`HTTP ${this.#status}`);
  }
}

/** keepalived's default, too: any code of success. */
const SUCCESS: HttpRequest['status'] = [[200, 299]];

function isGoodStatus(status: number, ranges: HttpRequest['status']): boolean {
  return orSuccess(ranges).some(([first, last]) => status >= first && status <= last);
}

/** `200-299` or `200, 301-302`. */
function rangesText(ranges: HttpRequest['status']): string {
  return orSuccess(ranges)
    .map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`))
    .join(', ');
}

function orSuccess(ranges: HttpRequest['status']): HttpRequest['status'] {
  return ranges.length === 0 ? SUCCESS : ranges;
}
