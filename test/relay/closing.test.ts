import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDescriptors, settledDescriptors } from './fixture/descriptors.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { RelayBench } from './fixture/relay-bench.ts';
import { TcpClient } from './fixture/tcp-client.ts';
import { startTcpServer, startTcpServers } from './fixture/tcp-server.ts';
import { UdpClient } from './fixture/udp-client.ts';
import { startUdpServers } from './fixture/udp-server.ts';

const timeout = 20_000;

describe('closing', () => {
  test('lets running transfers finish and takes nobody new', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const servers = await startTcpServers(t, 1);
    const id = await bench.serve(t, servers);
    const client = await TcpClient.connect(t, id);
    await client.name();
    let over = false;
    const closing = bench.engine.close(10_000).then(() => (over = true));
    await eventuallyEqual(async () => {
      return TcpClient.connect(t, id).then(
        (early) => early.socket.destroy() && 'connected',
        (error: NodeJS.ErrnoException) => error.code,
      );
    }, 'ECONNREFUSED');
    for (let round = 0; round < 5; round++) {
      await client.echo(`still served ${round}`);
      await sleep(50);
    }
    assert.equal(over, false);
    const from = performance.now();
    assert.equal(await client.finish(), 'end');
    await closing;
    assert.ok(performance.now() - from < 1500, 'the end of the last connection ends it');
  });

  test('cuts at the deadline what still runs', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const id = await bench.serve(t, await startTcpServers(t, 1));
    const client = await TcpClient.connect(t, id);
    await client.name();
    const from = performance.now();
    await bench.engine.close(300);
    const milliseconds = performance.now() - from;
    assert.ok(milliseconds >= 290 && milliseconds < 2000, `${milliseconds} ms`);
    assert.equal(await client.outcome, 'ECONNRESET');
  });

  test('is safe to repeat; a second call with 0 ends at once', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const id = await bench.serve(t, await startTcpServers(t, 1));
    const client = await TcpClient.connect(t, id);
    await client.name();
    const slow = bench.engine.close(60_000);
    await client.echo('drained, not cut');
    await bench.engine.close(0);
    await slow;
    await bench.engine.close(0);
    await bench.engine.close(1000);
    assert.equal(await client.outcome, 'ECONNRESET');
  });

  test('answers what was asked before, refuses what is asked after', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const early = bench.engine.snapshot();
    const closing = bench.engine.close(0);
    assert.deepEqual((await early).services, []);
    await closing;
    await assert.rejects(bench.engine.snapshot(), { code: 'ENGINE_FAILED', message: /closed/ });
    await assert.rejects(bench.engine.execute([{ kind: 'flush' }]), { code: 'ENGINE_FAILED' });
  });

  test('an engine with nothing to do closes at once, whatever the time it is given', {
    timeout,
  }, async (t) => {
    const bench = await RelayBench.start(t);
    await bench.serve(t, await startTcpServers(t, 1));
    const from = performance.now();
    await bench.engine.close(60_000);
    assert.ok(performance.now() - from < 1500);
  });

  test('gives every descriptor back, whatever was open', { timeout }, async (t) => {
    const before = await settledDescriptors();
    const bench = await RelayBench.start(t, { workers: 3 });
    const tcp = await startTcpServers(t, 2);
    const udp = await startUdpServers(t, 2);
    const refusing = await startTcpServer(t, 'x');
    await refusing.die();
    const ids = [await bench.serve(t, [...tcp, refusing]), await bench.serve(t, udp, { protocol: 'udp' })];
    const onePacket = await bench.serve(t, udp, { protocol: 'udp', service: { onePacket: true } });
    const [tcpId, udpId] = ids;
    assert.ok(tcpId && udpId);
    const clients = await Promise.all(Array.from({ length: 60 }, () => TcpClient.connect(t, tcpId)));
    await Promise.all(clients.map((client) => client.name()));
    for (const [index, client] of clients.entries()) {
      if (index % 3 === 0) client.socket.end();
      else if (index % 3 === 1) client.socket.resetAndDestroy();
    }
    const flows = await Promise.all(
      [...Array(20).keys()].map((n) => UdpClient.open(t, n % 2 ? udpId : onePacket)),
    );
    await Promise.all(flows.map((flow) => flow.ask('x')));
    await bench.engine.close(0);
    await Promise.all(clients.map((client) => client.outcome));
    await eventuallyEqual(() => tcp.reduce((sum, { sockets }) => sum + sockets.size, 0), 0);
    // What is left are this test's own: listeners, UDP servers and clients.
    await eventuallyEqual(openDescriptors, before + tcp.length + udp.length + flows.length);
  });
});
