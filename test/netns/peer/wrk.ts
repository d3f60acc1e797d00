import type { Host } from '../lab/host.ts';

export interface WrkOptions {
  /** 2 unless given. */
  readonly seconds?: number;
  /** 16 unless given. */
  readonly connections?: number;
  /** 1 unless given. */
  readonly threads?: number;
  /** One request a connection. */
  readonly close?: boolean;
}

export interface WrkResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Socket errors of all kinds, and answers that are neither 2xx nor 3xx. */
  readonly errors: number;
  /** All that wrk said. */
  readonly text: string;
}

/** Loads a URL with HTTP requests. */
export async function wrk(host: Host, url: string, options: WrkOptions = {}): Promise<WrkResult> {
  const { seconds = 2, connections = 16, threads = 1, close = false } = options;
  const header = close ? ['-H', 'Connection: close'] : [];
  const numbers = ['-t', `${threads}`, '-c', `${connections}`, '-d', `${seconds}s`];
  const text = await host.output(['wrk', ...numbers, ...header, url], { limitMs: (seconds + 10) * 1000 });
  const socket =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  const answers = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? '0';
  return {
    requests: Number(/(\d+) requests in/.exec(text)?.[1] ?? 0),
    requestsPerSecond: Number(/Requests\/sec: +([\d.]+)/.exec(text)?.[1] ?? 0),
    errors: [...socket, answers].reduce((sum, number) => sum + Number(number), 0),
    text,
  };
}
