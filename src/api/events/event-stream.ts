import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DirectorEvent, OperatedDirector } from '../operated-director.ts';
import { RequestRefusedError } from '../problem.ts';
import { EVENTS_CONTENT_TYPE } from '../protocol.ts';

export interface EventStreamsOptions {
  /** Milliseconds between comments that keep a silent stream alive. */
  readonly heartbeat?: number;
  /** Bytes that may wait for a reader before it is cut. */
  readonly mostWaiting?: number;
  readonly mostStreams?: number;
}

const DEFAULTS: Required<EventStreamsOptions> = {
  heartbeat: 15_000,
  mostWaiting: 1024 * 1024,
  mostStreams: 64,
};

/** The events of a director to readers of server-sent events (HTML standard, 9.2), each at its own pace up to a limit. */
export class EventStreams {
  readonly #director: Pick<OperatedDirector, 'events' | 'onEvent'>;
  readonly #options: Required<EventStreamsOptions>;
  readonly #open = new Set<ServerResponse>();

  constructor(director: Pick<OperatedDirector, 'events' | 'onEvent'>, options: EventStreamsOptions = {}) {
    this.#director = director;
    this.#options = { ...DEFAULTS, ...options };
  }

  /** Answers with the events after the one with this id, and with all that come, until either side ends it. Throws where there are too many. */
  open(response: ServerResponse, after: number): void {
    if (this.#open.size >= this.#options.mostStreams) {
      throw new RequestRefusedError(
        429,
        'REQUEST_INVALID',
        `${this.#open.size} streams of events are open already.`,
        'Close one of them, or ask for the list of events now and then.',
      );
    }
    this.#open.add(response);
    response.writeHead(200, {
      'content-type': EVENTS_CONTENT_TYPE,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    // Without a word in between, so that no event falls between the two.
    const missed = eventsAfter(this.#director, after);
    const forget = this.#director.onEvent((event) => this.#write(response, textOf(event)));
    const heart = setInterval(() => this.#write(response, ':\n\n'), this.#options.heartbeat);
    heart.unref();
    response.once('close', () => {
      forget();
      clearInterval(heart);
      this.#open.delete(response);
    });
    response.on('error', () => undefined);
    // The comment has the head sent, where there is no event yet.
    this.#write(response, `:\n\n${missed.map(textOf).join('')}`);
  }

  /** Ends all streams; their readers come back and find out how it goes on. */
  close(): void {
    for (const response of this.#open) response.end();
  }

  #write(response: ServerResponse, text: string): void {
    if (!this.#open.has(response) || response.destroyed) return;
    response.write(text);
    if (response.writableLength > this.#options.mostWaiting) response.destroy();
  }
}

/** A director that has not come so far since it started is another one than the reader knew: it tells all. */
export function eventsAfter(
  director: Pick<OperatedDirector, 'events'>,
  after: number,
): readonly DirectorEvent[] {
  const last = director.events(0).at(-1)?.id ?? 0;
  return director.events(after > last ? 0 : after);
}

/** Whether a request asks for a stream rather than a list. */
export function wantsStream({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? '').toLowerCase().includes(EVENTS_CONTENT_TYPE);
}

/** Where a reader that comes back had got to: the header Last-Event-ID. Undefined where it says nothing of use. */
export function lastEventId({ headers }: IncomingMessage): number | undefined {
  const given = headers['last-event-id'];
  return typeof given === 'string' && /^[0-9]{1,15}$/.test(given) ? Number(given) : undefined;
}

/** JSON has no line ends of its own. */
function textOf(event: DirectorEvent): string {
  return `id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
