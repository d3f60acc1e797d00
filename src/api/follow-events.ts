import { ViprError } from '../model/error.ts';
import { decodeJson, record } from './codec.ts';
import { linesOf, readBody } from './engine-client.ts';
import type { DirectorEvent } from './operated-director.ts';
import { EVENTS_CONTENT_TYPE, ROUTES } from './protocol.ts';
import { queryOf } from './query.ts';
import type { RequestSender, StopSignal } from './request-sender.ts';

export interface FollowOptions {
  /** Whether a lost connection is made anew; true where it is absent. Otherwise events end with it. */
  readonly resume?: boolean;
  /** Milliseconds before a lost connection is made anew; 1,000 where it is absent. */
  readonly retryDelay?: number;
  /** Ends the events when it is aborted. */
  readonly signal?: StopSignal;
}

/** The server speaks every 15 seconds, in milliseconds. */
const SILENCE_LIMIT = 45_000;

/** Events as they happen, over as many connections as it takes. */
export async function* followEvents(
  requester: RequestSender,
  after: number,
  { resume = true, retryDelay = 1000, signal }: FollowOptions,
): AsyncIterable<DirectorEvent> {
  let last = after;
  let begun = false;
  const { closings } = requester;
  while (!signal?.aborted && requester.closings === closings) {
    try {
      for await (const event of readStream(requester, last, signal, () => {
        begun = true;
      })) {
        last = event.id;
        yield event;
      }
    } catch (error) {
      if (signal?.aborted || requester.closings !== closings) return;
      const isLost = error instanceof ViprError && error.code === 'DIRECTOR_NOT_RUNNING';
      if (!begun || !isLost || !resume) throw error;
    }
    if (!resume) return;
    await pause(retryDelay, signal);
  }
}

async function* readStream(
  requester: RequestSender,
  last: number,
  signal: StopSignal | undefined,
  begun: () => void,
): AsyncIterable<DirectorEvent> {
  const response = await requester.request('GET', ROUTES.events.path + queryOf({ after: last }), {
    headers: { Accept: EVENTS_CONTENT_TYPE, 'Last-Event-ID': String(last) },
    silence: SILENCE_LIMIT,
    ...(signal !== undefined && { signal }),
  });
  if (response.status !== 200) await readBody(response);
  begun();
  for await (const line of linesOf(response.body)) {
    if (!line.startsWith('data: ')) continue;
    yield record<DirectorEvent>(decodeJson(line.slice('data: '.length)), 'an event');
  }
}

/** Ends early, and well, where the signal is aborted. */
function pause(milliseconds: number, signal: StopSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const wake = () => resolve();
  signal?.addEventListener('abort', wake);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', wake);
  });
}
