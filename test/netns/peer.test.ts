import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { edited, parse } from '../packet/packet.ts';
import { CLIENT_ADDRESSES, FAMILIES, serverAddress } from './lab/address.ts';
import { Lab } from './lab/lab.ts';
import type { LabOptions } from './lab/lab-options.ts';
import { labUnavailable } from './lab/lab-unavailable.ts';
import { Capture } from './peer/capture.ts';
import { curl, curlSha256 } from './peer/curl.ts';
import { iperf3, startIperf3 } from './peer/iperf3.ts';
import { makeLargeFile } from './peer/large-file.ts';
import { startNginx } from './peer/nginx.ts';
import { traceroute } from './peer/traceroute.ts';
import { askUdp } from './peer/udp-client.ts';
import { startUdpServer } from './peer/udp-server.ts';
import { wrk } from './peer/wrk.ts';

async function open(t: TestContext, options: LabOptions = { servers: 1 }): Promise<Lab> {
  const lab = await Lab.open(options);
  t.after(() => lab.close());
  return lab;
}

const inBrackets = (address: string): string => (address.includes(':') ? `[${address}]` : address);

describe('peers in the lab', () => {
  it('nginx tells its name and the client', { skip: labUnavailable('nginx', 'curl') ?? false }, async (t) => {
    const lab = await open(t, { servers: 2 });
    await Promise.all(lab.servers.map((server) => startNginx(lab, server)));
    for (const family of FAMILIES) {
      for (const [index, { name }] of lab.servers.entries()) {
        for (const from of Object.values(CLIENT_ADDRESSES[family])) {
          const url = `http://${inBrackets(serverAddress(family, index + 1))}:8080/`;
          assert.equal(await curl(lab.client, url, { from }), `${name} ${from}\n`);
        }
      }
    }
  });

  it('curl fails with its complaint', { skip: labUnavailable('curl') ?? false }, async (t) => {
    const { client } = await open(t);
    await assert.rejects(curl(client, 'http://10.2.0.11/'), /curl: \(7\)/);
    await assert.rejects(curlSha256(client, 'http://10.2.0.11/'), /curl: \(7\)/);
  });

  it('nginx serves a large file whole', {
    skip: labUnavailable('nginx', 'curl', 'sha256sum') ?? false,
  }, async (t) => {
    const lab = await open(t);
    const largeFile = await makeLargeFile(lab, 20);
    for (const server of lab.servers) await startNginx(lab, server, { largeFile, ports: [80] });
    assert.equal(await curlSha256(lab.client, 'http://10.2.0.11/large'), largeFile.sha256);
  });

  it('wrk counts requests and errors', { skip: labUnavailable('nginx', 'wrk') ?? false }, async (t) => {
    const lab = await open(t);
    for (const server of lab.servers) await startNginx(lab, server, { ports: [80] });
    const { requests, errors, text } = await wrk(lab.client, 'http://10.2.0.11/', { seconds: 1 });
    assert.ok(requests > 0 && errors === 0, text);
    const missing = { path: '/nonexistent', bytes: 0, sha256: '' };
    for (const server of lab.servers) await startNginx(lab, server, { ports: [81], largeFile: missing });
    const failed = await wrk(lab.client, 'http://10.2.0.11:81/large', { seconds: 1, close: true });
    assert.equal(failed.errors, failed.requests, failed.text);
    assert.ok(failed.errors > 0);
    await assert.rejects(wrk(lab.client, 'http://10.2.0.11:82/'), /refused/);
  });

  it('iperf3 measures', { skip: labUnavailable('iperf3') ?? false }, async (t) => {
    const lab = await open(t);
    for (const server of lab.servers) await startIperf3(server);
    const result = await iperf3(lab.client, '10.2.0.11', { seconds: 1, from: '10.3.0.2' });
    assert.ok(result.bytes > 0 && result.bitsPerSecond > 0, JSON.stringify(result));
    await assert.rejects(iperf3(lab.client, '10.2.0.11', { port: 1 }), /iperf3 10\.2\.0\.11: .*refused/);
  });

  it('the UDP server answers from the address it was asked at', {
    skip: labUnavailable() ?? false,
  }, async (t) => {
    const lab = await open(t);
    for (const server of lab.servers) await startUdpServer(server);
    for (const family of FAMILIES) {
      const from = CLIENT_ADDRESSES[family].pastDirector;
      const question = { server: serverAddress(family, 1), port: 53, from, fromPort: 7001 };
      const [answer] = await askUdp(lab.client, { ...question, texts: ['hello'] });
      assert.deepEqual(answer, { text: `rs1 ${from}:7001 hello` });
    }
    await lab.client.shell('ip route add 192.0.2.10 via 10.2.0.11 dev eth1 onlink');
    const atVirtual = { server: '192.0.2.10', port: 53, from: '10.3.0.2', apart: true };
    const answers = await askUdp(lab.client, { ...atVirtual, texts: ['a', 'b'] });
    assert.deepEqual(
      answers.map((answer) => answer !== null && 'text' in answer && answer.text.replace(/:\d+/, '')),
      ['rs1 10.3.0.2 a', 'rs1 10.3.0.2 b'],
    );
  });

  it('the UDP client tells of errors and of silence', { skip: labUnavailable() ?? false }, async (t) => {
    const { client, servers } = await open(t);
    const ask = { server: '10.2.0.11', port: 9, texts: ['x'], limitMs: 300 };
    assert.deepEqual(await askUdp(client, ask), [{ error: 'ECONNREFUSED' }]);
    for (const server of servers) await server.shell('ip link set eth0 down');
    assert.deepEqual(await askUdp(client, { ...ask, server: '10.2.0.11' }), [null]);
  });

  it('traceroute names the director', { skip: labUnavailable('traceroute') ?? false }, async (t) => {
    const { client } = await open(t);
    assert.deepEqual(await traceroute(client, '10.2.0.11'), ['10.1.0.1', '10.2.0.11']);
    assert.deepEqual(await traceroute(client, 'fd02::11', { by: { tcp: 80 } }), ['fd01::1', 'fd02::11']);
    assert.deepEqual(await traceroute(client, '10.2.0.11', { by: 'icmp' }), ['10.1.0.1', '10.2.0.11']);
  });

  for (const tx of [true, false]) {
    const name = `tcpdump shows ${tx ? 'unfinished' : 'finished'} checksums with offload ${tx ? 'on' : 'off'}`;
    it(name, { skip: labUnavailable('tcpdump') ?? false }, async (t) => {
      const lab = await open(t, { servers: 1, offload: { tx } });
      const filter = 'udp dst port 9';
      const captures = [
        await Capture.start(lab.client, 'eth0', filter),
        await Capture.start(lab.host('rs1'), 'eth0', filter),
      ];
      await askUdp(lab.client, { server: '10.2.0.11', port: 9, texts: ['hello'], fromPort: 7001 });
      const [before, after] = await Promise.all(captures.map((capture) => capture.atLeast(1)));
      const [sent, arrived] = [before, after].map((frames) => parse(frames?.[0] ?? Buffer.alloc(0)));
      const checksum = tx ? 'partial' : 'right';
      assert.deepEqual(
        sent?.slice(1).map((layer) => 'checksum' in layer && layer.checksum),
        ['right', checksum, false],
      );
      assert.deepEqual(arrived?.slice(1), edited(sent ?? [], { ipv4: { ttl: 63 } }).slice(1));
      for (const capture of captures) assert.equal((await capture.stop()).length, 1);
    });
  }

  it('tcpdump tells why it cannot capture', { skip: labUnavailable('tcpdump') ?? false }, async (t) => {
    const { client } = await open(t);
    await assert.rejects(Capture.start(client, 'eth7'), /client: tcpdump eth7 : .*eth7/s);
  });
});
