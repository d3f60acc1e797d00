import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Engine } from '../engines/engine.ts';
import { FakeDirector } from './fake-director.ts';
import { type ControlledDirector, closeApiServer, createApiServer } from './server.ts';

/** The control API of an engine on a socket in a directory of its own, for tests. */
export class RunningApi {
  readonly socketPath: string;
  /** Failures that the server reported as its own. */
  readonly failures: readonly unknown[];
  readonly #close: () => Promise<void>;

  private constructor(socketPath: string, failures: readonly unknown[], close: () => Promise<void>) {
    this.socketPath = socketPath;
    this.failures = failures;
    this.#close = close;
  }

  static async start(
    engine: Engine,
    director: Partial<ControlledDirector> = {},
    operated: FakeDirector = new FakeDirector(engine),
    at?: string,
  ): Promise<RunningApi> {
    const directory = mkdtempSync(join(tmpdir(), 'vipr-api-'));
    const socketPath = at ?? join(directory, 'vipr.sock');
    mkdirSync(dirname(socketPath), { recursive: true });
    const failures: unknown[] = [];
    const app = await createApiServer(
      { ...directorOf(engine, operated), ...director },
      { onFailure: (error) => failures.push(error) },
    );
    await new Promise<void>((resolve) => void app.server.listen(socketPath, resolve));
    return new RunningApi(socketPath, failures, async () => {
      await closeApiServer(app);
      rmSync(directory, { recursive: true });
      rmSync(dirname(socketPath), { recursive: true, force: true });
    });
  }

  /** One request as it is given, with the answer's status and body. */
  send(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Readonly<Record<string, string>> = body === undefined
      ? {}
      : { 'content-type': 'application/json' },
  ): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      // Without its length, node:http sends the body of a GET unframed: it would be read as another request.
      const framed = body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) };
      const outgoing = request(
        { socketPath: this.socketPath, method, path, headers: framed },
        async (response) => {
          response.setEncoding('utf8');
          let text = '';
          for await (const chunk of response) text += chunk;
          resolve({ status: response.statusCode ?? 0, body: text });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** A director over an engine, for tests. */
export function directorOf(
  engine: Engine,
  operated: FakeDirector = new FakeDirector(engine),
): ControlledDirector {
  const { synchronisation } = engine;
  return {
    ...(synchronisation !== undefined && { synchronisation: () => synchronisation.call(engine) }),
    vrrp: () => operated.vrrp(),
    configuredSync: () => operated.configuredSync(),
    wanted: () => operated.wanted(),
    configuration: () => operated.configuration(),
    drift: () => operated.drift(),
    health: () => operated.health(),
    drain: (request) => operated.drain(request),
    drains: () => operated.drains(),
    restore: (selection) => operated.restore(selection),
    explain: (client, service) => operated.explain(client, service),
    events: (after) => operated.events(after),
    onEvent: (listener) => operated.onEvent(listener),
    onAttempt: (listener) => operated.onAttempt(listener),
    info: () => engine.info(),
    execute: (operations) => engine.execute(operations),
    snapshot: () => engine.snapshot(),
    service: (id) => engine.service(id),
    connections: () => engine.connections(),
    faults: () => engine.faults(),
    ready: () => Promise.resolve(),
    plan: () => Promise.resolve([]),
    apply: () => Promise.resolve([]),
    reload: () => Promise.resolve({ changes: [], notes: [] }),
    describe: () => ({
      pid: process.pid,
      version: '1.2.3',
      startedAt: '2026-01-02T03:04:05.678Z',
      engineReason: 'a test asked for it',
    }),
  };
}
