import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { DirectorClient } from '../../src/api/client.ts';
import { parseMetrics } from '../../src/api/metrics/parse-metrics.ts';
import { ROUTE_DESCRIPTIONS } from '../../src/api/openapi/route-description.ts';
import type { DirectorEvent } from '../../src/api/operated-director.ts';
import { ROUTES, type RouteName } from '../../src/api/protocol.ts';
import type { IpAddress } from '../../src/model/address.ts';
import { Lab } from '../docs/reference-lab.ts';
import { freePort } from '../docs/reference-port.ts';

const TOKEN = 'a-token-of-the-test-0';
const SERVICE = 'tcp 192.0.2.10:80';

/** The API of a whole director, as `vipr up` starts it, on its socket and over TCP. */
describe('the API of a director', () => {
  let lab: Lab;
  let server: Server;
  let url: string;
  let socket: DirectorClient;
  let tcp: DirectorClient;

  before(async () => {
    server = createServer((connection) => connection.on('error', () => undefined).end());
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const api = await freePort();
    const config = `
      api: { listen: '127.0.0.1:${api}', token-file: token }
      services:
        - service: ${SERVICE}
          scheduler: wlc
          checks: [{ type: tcp, interval: 1s }]
          destinations:
            - address: 127.0.0.1:${port}
            - address: 127.0.0.1:1
    `;
    lab = new Lab({ token: `${TOKEN}\n` });
    const token = join(lab.directory, 'token');
    chmodSync(token, 0o600);
    writeFileSync(
      join(lab.directory, 'vipr.yaml'),
      config.replace('token-file: token', `token-file: ${token}`),
    );
    await lab.startDirector('--engine', 'memory', '--config', 'vipr.yaml');
    url = `http://127.0.0.1:${api}`;
    socket = new DirectorClient(lab.socket);
    tcp = new DirectorClient({ url, token: TOKEN });
    // The director listens there a moment after it listens on its socket.
    await answered(tcp);
  });

  after(async () => {
    await tcp.close();
    await socket.close();
    await lab[Symbol.asyncDispose]();
    server.close();
  });

  it('tells health, and events as they happen', async () => {
    const down = await firstEvent(tcp, ({ kind, state }) => kind === 'destination' && state === 'down');
    assert.deepEqual([down.service, down.destination], [SERVICE, '127.0.0.1:1']);
    const [service] = await tcp.health();
    const states = service?.destinations.map(({ destination, state }) => [
      destination === '127.0.0.1:1',
      state,
    ]);
    assert.deepEqual(states?.sort(), [
      [false, 'up'],
      [true, 'down'],
    ]);
  });

  it('names who asked for a change', async () => {
    assert.equal((await lab.run('ipvsadm -A -t 192.0.2.20:80')).code, 0);
    const added = await firstEvent(socket, ({ text }) => text.includes('192.0.2.20:80'));
    assert.match(added.actor ?? '', new RegExp(`^pid \\d+ \\([\\w.-]+\\), uid ${process.geteuid?.()}$`));
    const zero = [{ kind: 'set-timeouts', timeouts: { tcp: 100, tcpfin: 0, udp: 0 } }] as const;
    assert.deepEqual(await tcp.execute(zero as never), [undefined]);
    const changed = await firstEvent(socket, ({ id, kind }) => id > added.id && kind === 'change');
    assert.match(changed.actor ?? '', /^127\.0\.0\.1:\d+ \(token\)$/);
  });

  it('answers as its document says, with everything that it has', async () => {
    const queries: Partial<Record<RouteName, string>> = {
      service: `?key=${encodeURIComponent(SERVICE)}`,
      explain: `?client=198.51.100.7&service=${encodeURIComponent(SERVICE)}`,
      connections: '?limit=10',
    };
    await tcp.drain({ address: '127.0.0.1' as IpAddress, ...thenLeave });
    for (const name of Object.keys(ROUTES) as RouteName[]) {
      const { method, path } = ROUTES[name];
      if (method === 'POST') continue;
      const response = await fetch(url + path + (queries[name] ?? ''), {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      assert.equal(response.status, 200, path);
      if (name === 'metrics') {
        const families = parseMetrics(await response.text());
        assert.equal(
          families.get('vipr_drains')?.samples.reduce((sum, { value }) => sum + value, 0),
          2,
        );
        continue;
      }
      const answer: unknown = await response.json();
      assert.deepEqual(ROUTE_DESCRIPTIONS[name].answer.parse(answer), answer, path);
    }
    assert.equal((await tcp.restore({ address: '127.0.0.1' as IpAddress })).length, 2);
  });

  it('lets nobody in without the token, and takes a new one when it reloads', async () => {
    await using stranger = closing(new DirectorClient({ url }));
    await assert.rejects(stranger.info(), { code: 'PERMISSION_DENIED' });
    const next = 'another-token-of-the-test';
    writeFileSync(join(lab.directory, 'token'), next);
    await socket.reload();
    await using renewed = closing(new DirectorClient({ url, token: next }));
    await answered(renewed);
    assert.equal((await renewed.info()).name, 'memory');
    await assert.rejects(tcp.info(), { code: 'PERMISSION_DENIED' });
  });
});

// biome-ignore lint/suspicious/noThenProperty: a word, not a function
const thenLeave = { then: 'leave' } as const;

async function firstEvent(
  client: DirectorClient,
  is: (event: DirectorEvent) => boolean,
): Promise<DirectorEvent> {
  for await (const event of client.followEvents(0, { signal: AbortSignal.timeout(20_000) }))
    if (is(event)) return event;
  throw new Error('it did not happen');
}

/** Waits until a director answers, for some seconds at most. */
async function answered(client: DirectorClient): Promise<void> {
  for (let round = 0; round < 500; round++) {
    if ((await client.info().catch(() => undefined)) !== undefined) return;
    await delay(20);
  }
}

function closing(client: DirectorClient): DirectorClient & AsyncDisposable {
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}
