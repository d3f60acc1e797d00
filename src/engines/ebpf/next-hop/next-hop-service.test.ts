import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { describe, type TestContext, test } from 'node:test';
import { enterOwnNetwork } from '../../../../test/netlink/own-network.ts';
import { type IpAddress, parseIpAddress } from '../../../model/address.ts';
import { NEXT_HOP_LOCAL, NEXT_HOP_RESOLVED } from '../layout.gen.ts';
import { HostNetwork } from '../network/host-network.ts';
import { NextHopService } from './next-hop-service.ts';

const skip = enterOwnNetwork() ?? false;
const PEER_MAC = '02:00:00:00:00:02';

describe('next hops from the kernel', { skip, timeout: 30_000 }, () => {
  test('neighbours are found and kept, routes and addresses followed', async (t) => {
    const peer = await otherNamespace(t);
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', 'near', 'address', '02:00:00:00:00:01', 'type', 'veth', 'peer', 'name', 'far');
    ip('link', 'set', 'far', 'netns', String(peer.pid));
    peer.ip('link', 'set', 'far', 'address', PEER_MAC, 'up');
    peer.ip('addr', 'add', '10.5.0.2/24', 'dev', 'far');
    peer.ip('addr', 'add', 'fd05::2/64', 'dev', 'far', 'nodad');
    ip('link', 'set', 'near', 'up');
    ip('addr', 'add', '10.5.0.1/24', 'dev', 'near');
    ip('addr', 'add', 'fd05::1/64', 'dev', 'near', 'nodad');
    ip('route', 'add', '10.6.0.0/24', 'via', '10.5.0.2');

    const network = await HostNetwork.open(() => undefined);
    t.after(() => network.close());
    const entries = new Map<number, Buffer>();
    let raised = 0;
    let local = false;
    const service = new NextHopService({
      network,
      write: (id, entry) => void entries.set(id, Buffer.from(entry)),
      routesChanged: () => {
        raised += 1;
      },
      localServers: (some) => {
        local = some;
      },
      warn: (text) => assert.fail(text),
    });
    t.after(() => service.close());
    const flags = (id: number) =>
      (entries.get(id)?.readUInt32LE(0) ?? 0) & (NEXT_HOP_RESOLVED | NEXT_HOP_LOCAL);
    const mac = (id: number) => entries.get(id)?.toString('hex', 12, 18);

    ['10.5.0.2', 'fd05::2', '10.6.0.7', '10.5.0.1', '10.7.0.7'].forEach(
      (text, id) => void service.add(id, address(text)),
    );
    await service.settled();
    assert.deepEqual([flags(3), flags(4), local], [NEXT_HOP_LOCAL, 0, true]);
    await eventually(() => [0, 1, 2].every((id) => flags(id) === NEXT_HOP_RESOLVED));
    assert.deepEqual([mac(0), mac(1), mac(2)], Array(3).fill('020000000002'));
    const { index } = (await network.netlink.links.find('near')) ?? { index: 0 };
    assert.equal(entries.get(2)?.readUInt32LE(4), index);

    const before = raised;
    ip('route', 'add', '10.7.0.0/24', 'via', '10.5.0.2');
    await eventually(() => flags(4) === NEXT_HOP_RESOLVED);
    assert.ok(raised > before);

    ip('neigh', 'del', '10.5.0.2', 'dev', 'near');
    await eventually(() => flags(0) === 0);
    await eventually(() => [0, 2, 4].every((id) => flags(id) === NEXT_HOP_RESOLVED));

    ip('addr', 'add', '10.7.0.7/32', 'dev', 'lo');
    await eventually(() => flags(4) === NEXT_HOP_LOCAL);
    ip('link', 'set', 'near', 'down');
    await eventually(() => [0, 1, 2].every((id) => flags(id) === 0));
  });
});

/** A process in a network namespace of its own; both end with the test. */
async function otherNamespace(t: TestContext) {
  const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill());
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const pid = child.pid ?? 0;
  return {
    pid,
    ip: (...words: string[]) => void execFileSync('nsenter', ['-t', String(pid), '-n', 'ip', ...words]),
  };
}

function ip(...words: string[]): void {
  execFileSync('ip', words);
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed);
  return parsed;
}

async function eventually(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 1000 && !condition(); n++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition(), 'it did not come true');
}
