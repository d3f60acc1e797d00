import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { RelayEngine } from '../../src/engines/relay/relay-engine.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { Protocol, ServiceId } from '../../src/model/service.ts';
import { serviceOn } from '../engine/sample-table.ts';
import { openDescriptors, settledDescriptors } from './fixture/descriptors.ts';
import { freeService } from './fixture/loopback.ts';
import { addition, RelayBench, serviceSettingsFor, whereabouts } from './fixture/relay-bench.ts';
import { namesInTurn } from './fixture/tcp-client.ts';
import { startTcpServers } from './fixture/tcp-server.ts';
import { closed } from './fixture/udp-server.ts';

const timeout = 20_000;

describe('a service that cannot listen', () => {
  const bench = RelayBench.shared();

  for (const protocol of ['tcp', 'udp'] as const) {
    test(`${protocol}: a busy port is ADDRESS_IN_USE, the other services go on`, { timeout }, async (t) => {
      const servers = await startTcpServers(t, 1);
      const works = await bench.serve(t, servers);
      const busy = await freeService(protocol);
      const release = await occupy(busy);
      t.after(release);
      const before = await settledDescriptors();
      const [refusal, added] = await bench.engine.execute([
        addService(busy),
        addition(works, { name: 'x', address: '127.0.0.1', port: 1 }),
      ]);
      assert.equal(refusal?.code, 'ADDRESS_IN_USE');
      assert.match(refusal.message, new RegExp(`${protocol} .*:${whereabouts(busy).port}`));
      assert.match(refusal.hint ?? '', /ss -lnp/);
      assert.equal(added, undefined);
      assert.equal(await bench.engine.service(busy), undefined);
      assert.equal(openDescriptors(), before);
      assert.equal(await namesInTurn(t, works, 2), 'aa');
      await release();
      await bench.done(addService(busy), { kind: 'delete-service', service: busy });
    });

    test(`${protocol}: an address of another host is ADDRESS_NOT_LOCAL`, { timeout }, async () => {
      for (const address of ['192.0.2.1', '2001:db8::1']) {
        const [refusal] = await bench.engine.execute([addService(serviceOn(address, 12_345, protocol))]);
        assert.equal(refusal?.code, 'ADDRESS_NOT_LOCAL');
        assert.match(refusal.hint ?? '', new RegExp(`ip address add ${address}/(32|128) dev lo`));
      }
      assert.deepEqual((await bench.engine.snapshot()).services, []);
    });
  }

  test('UDP on every address is refused with the reason', { timeout }, async () => {
    for (const address of ['0.0.0.0', '::']) {
      const [refusal] = await bench.engine.execute([addService(serviceOn(address, 12_345, 'udp'))]);
      assert.equal(refusal?.code, 'NOT_SUPPORTED_BY_ENGINE');
      assert.match(refusal.message, /one address/);
    }
  });

  test('TCP on every address works', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 1);
    const { port } = whereabouts(await freeService('tcp', '0.0.0.0'));
    const id = serviceOn('0.0.0.0', port);
    t.after(() => bench.engine.execute([{ kind: 'delete-service', service: id }]));
    await bench.done(addService(id), ...servers.map((server) => addition(id, server)));
    assert.equal(await namesInTurn(t, serviceOn('127.0.0.99', port), 2), 'aa');
  });

  test('one address and port take a TCP and a UDP service, and two addresses the same port', {
    timeout,
  }, async (t) => {
    const id = await freeService();
    const { host, port } = whereabouts(id);
    const ids = [id, serviceOn(host, port, 'udp'), serviceOn('127.0.0.98', port)];
    t.after(() => bench.engine.execute(ids.map((service) => ({ kind: 'delete-service', service }))));
    await bench.done(...ids.map(addService));
  });

  test('a privileged port without privileges is PERMISSION_DENIED', { timeout }, async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root, to start a process as nobody');
    const { stdout } = await runFixture('privileged-port', { uid: 65_534, gid: 65_534, env: {} });
    const [code, hint] = stdout.split('\n');
    assert.equal(code, 'PERMISSION_DENIED');
    assert.match(hint ?? '', /1024/);
  });
});

test('an engine that cannot start says so and leaves nothing behind', { timeout }, async () => {
  const { stdout } = await runFixture('failing-start');
  const [failure, descriptors] = stdout.split('\n');
  assert.match(failure ?? '', /^ViprError: the relay's main thread failed: .*could not be cloned/);
  assert.equal(descriptors, '0');
});

test('an engine without threads is refused', { timeout }, async () => {
  for (const workers of [0, -1, 1.5, Number.NaN]) {
    await assert.rejects(RelayEngine.start({ workers }), { code: 'OUT_OF_RANGE', message: /threads/ });
  }
});

/** Runs a script of fixture/ in a process of its own, which is killed if it does not end. */
function runFixture(name: string, options: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {}) {
  const script = new URL(`./fixture/${name}.ts`, import.meta.url).pathname;
  return promisify(execFile)(process.execPath, [script], { timeout: 10_000, ...options });
}

function addService(service: ServiceId): Operation {
  return { kind: 'add-service', service, settings: serviceSettingsFor(service) };
}

/** Listens where the service wants to. */
async function occupy(id: ServiceId): Promise<() => Promise<void>> {
  const { host, port } = whereabouts(id);
  const protocol: Protocol = id.kind === 'address' ? id.protocol : 'tcp';
  if (protocol === 'udp') {
    // SO_REUSEPORT on both sides must not let the relay join.
    const socket = createSocket({ type: 'udp4', reusePort: true });
    socket.bind(port, host);
    await once(socket, 'listening');
    return () => closed(socket);
  }
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return async () => {
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
}
