import type { HttpResponse } from './http-response.ts';

/** What an AbortSignal is, as far as requests need it; declarations of the library do without the types of Node.js. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What a request may have besides its path. */
export interface RequestOptions {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds without a word after which an answer that has begun is cut; absent: it may take its time. */
  readonly silence?: number;
  /** Ends the request when it is aborted. */
  readonly signal?: StopSignal;
}

/** What sends requests to a director. */
export interface RequestSender {
  /** How often it was closed. */
  readonly closings: number;
  /** The answer as soon as its head is there. */
  request(method: 'GET' | 'POST', path: string, options?: RequestOptions): Promise<HttpResponse>;
  /** Ends what runs; later requests work again. */
  close(): void;
}
