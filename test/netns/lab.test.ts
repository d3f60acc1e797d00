import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { ended } from './fixture/process-end.ts';
import { CLIENT_ADDRESSES, directorAddress, FAMILIES, serverAddress } from './lab/address.ts';
import { mountsOf, namespacesOf, processesIn } from './lab/demolish.ts';
import { Lab } from './lab/lab.ts';
import type { LabOptions } from './lab/lab-options.ts';
import { labUnavailable } from './lab/lab-unavailable.ts';
import { missingPrograms } from './lab/required-program.ts';
import { ping } from './peer/ping.ts';
import { traceroute } from './peer/traceroute.ts';

async function open(t: TestContext, options: LabOptions = {}): Promise<Lab> {
  const lab = await Lab.open(options);
  t.after(() => lab.close());
  return lab;
}

function remains({ site, directory }: Lab): object {
  return { namespaces: namespacesOf(site), mounts: mountsOf(site), files: existsSync(directory) };
}

const NOTHING = { namespaces: [], mounts: [], files: false };

describe('the lab of namespaces', { skip: labUnavailable('ping') ?? false }, () => {
  for (const family of FAMILIES) {
    it(`joins all hosts, ${family}`, async (t) => {
      const lab = await open(t, { directors: 2, servers: 2 });
      const directors = [1, 2].flatMap((number) =>
        (['front', 'lan'] as const).map((side) => directorAddress(family, number, side)),
      );
      for (const address of [...directors, serverAddress(family, 1), serverAddress(family, 2)])
        assert.equal((await ping(lab.client, address)).received, 1, address);
    });
  }

  it('has answers go through the director to one address, past it to the other', {
    skip: missingPrograms('traceroute') ?? false,
  }, async (t) => {
    const { servers } = await open(t, { servers: 1 });
    for (const family of FAMILIES) {
      const { throughDirector, pastDirector } = CLIENT_ADDRESSES[family];
      for (const server of servers) {
        const through = [directorAddress(family, 1, 'lan'), throughDirector];
        assert.deepEqual(await traceroute(server, throughDirector), through);
        assert.deepEqual(await traceroute(server, pastDirector), [pastDirector]);
      }
    }
  });

  it('has VIPs at the servers, of which they say nothing by ARP', async (t) => {
    const lab = await open(t, { servers: 1 });
    await lab.client.shell(`
      ip route add 192.0.2.10 via 10.2.0.11 dev eth1 onlink
      ip route add 2001:db8::10 via fd02::11 dev eth1 onlink
      ip route add 192.0.2.77 dev eth1 src 10.3.0.2
      ip route add 2001:db8::77 dev eth1`);
    assert.equal((await ping(lab.client, '192.0.2.10')).received, 1);
    assert.equal((await ping(lab.client, '2001:db8::10')).received, 1);
    assert.equal((await ping(lab.client, '192.0.2.77')).received, 0);
    assert.equal((await ping(lab.client, '2001:db8::77')).received, 0);
  });

  it('has links of the MTU that was asked for', async (t) => {
    const lab = await open(t, { servers: 1, mtu: 9000 });
    const fits = await ping(lab.client, '10.2.0.11', { size: 9000 - 28, fragment: false });
    const exceeds = await ping(lab.client, '10.2.0.11', { size: 9000 - 27, fragment: false });
    assert.deepEqual([fits.received, exceeds.received], [1, 0]);
  });

  it('has different MTUs at the two sides of the director, who says so', async (t) => {
    const lab = await open(t, { servers: 1, mtu: { front: 1500, lan: 1400 } });
    const inet = await ping(lab.client, '10.2.0.11', { size: 1400, fragment: false });
    const inet6 = await ping(lab.client, 'fd02::11', { size: 1400, fragment: false });
    assert.match(inet.text, /From 10\.1\.0\.1 .*Frag needed and DF set \(mtu = 1400\)/);
    assert.match(inet6.text, /From fd01::1 .*Packet too big: mtu=1400/);
  });

  for (const offload of [false, { tx: true, tso: true, gso: true, gro: true }] as const) {
    it(`turns offloads ${offload === false ? 'off' : 'on'}`, async (t) => {
      const lab = await open(t, { servers: 1, offload });
      for (const [host, device] of [
        ['client', 'eth0'],
        ['lvs1', 'eth1'],
        ['switch', 'lan-rs1'],
      ] as const) {
        const text = await lab.host(host).output(['ethtool', '-k', device]);
        const states = [
          'tx-checksumming',
          'tcp-segmentation-offload',
          'generic-segmentation-offload',
          'generic-receive-offload',
        ].map((name) => new RegExp(`^${name}: (on|off)`, 'm').exec(text)?.[1]);
        assert.deepEqual(states, Array(4).fill(offload === false ? 'off' : 'on'), `${host} ${device}`);
      }
    });
  }

  it('runs programs within their limits, and tells what they said', async (t) => {
    const { client } = await open(t, { servers: 1 });
    const outcome = await client.run(['sh', '-c', 'cat; echo complaint >&2; exit 3'], { input: 'text' });
    assert.deepEqual(outcome, { code: 3, signal: null, stdout: Buffer.from('text'), stderr: 'complaint\n' });
    await assert.rejects(
      client.output(['sh', '-c', 'echo why >&2; exit 1']),
      /client: sh .* ended with 1: why/,
    );
    await assert.rejects(client.output(['no-such-program']), /no-such-program.*No such file/s);
    const slow = client.run(['sh', '-c', 'echo begun; sleep 1000 & wait'], { limitMs: 200 });
    await assert.rejects(slow, /did not end in 200 ms: begun/);
    assert.deepEqual(processesIn([client.namespace]), []);
  });

  it('tells why a server has no port', async (t) => {
    const { client } = await open(t, { servers: 1 });
    const words = ['sh', '-c', 'echo no such luck >&2; exit 1'];
    await assert.rejects(
      client.startServer(words, 'tcp', [80]),
      /client: no tcp port 80 of sh .*no such luck/,
    );
  });

  it('has a BPF file system that programs in all hosts see', {
    skip: missingPrograms('bpftool') ?? false,
  }, async (t) => {
    const lab = await open(t, { servers: 1 });
    const map = `${lab.bpfFileSystem}/seen`;
    await lab.director.output([
      'bpftool',
      'map',
      'create',
      map,
      'type',
      'array',
      'key',
      '4',
      'value',
      '4',
      'entries',
      '1',
      'name',
      'seen',
    ]);
    assert.match(await lab.client.output(['bpftool', 'map', 'show', 'pinned', map]), /name seen/);
    assert.ok(existsSync(map));
  });

  it('asks for tunnels to be accepted at each server, and leaves nothing where that fails', async (t) => {
    const asked: string[] = [];
    await open(t, {
      servers: 2,
      acceptTunnels: async (server) => {
        asked.push(
          (await server.output(['ip', '-br', 'addr', 'show', 'eth0'])).match(/10\.2\.0\.\d+/)?.[0] ?? '',
        );
      },
    });
    assert.deepEqual(asked.toSorted(), ['10.2.0.11', '10.2.0.12']);
    let namespace = '';
    const failing = Lab.open({
      servers: 1,
      acceptTunnels: async (server) => {
        namespace = server.namespace;
        throw new Error('no tunnels today');
      },
    });
    await assert.rejects(failing, /no tunnels today/);
    assert.deepEqual(namespacesOf(namespace.replace(/-rs1$/, '')), []);
  });

  it('has nothing left when it is closed: no namespace, process, mount, file', async () => {
    const lab = await Lab.open({ servers: 1 });
    lab.client.start(['sleep', '1000']);
    // What left its group and its parent behind.
    await lab.client.shell('setsid sleep 1000 >/dev/null 2>&1 &');
    const running = processesIn([lab.client.namespace]);
    assert.equal(running.length, 2);
    await lab.close();
    assert.deepEqual(remains(lab), NOTHING);
    await ended(running);
  });
});
