import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeKernel } from '../../../netlink/fake-kernel.ts';
import { GenericNetlink } from '../../../netlink/generic-netlink.ts';
import { NetlinkConnection } from '../../../netlink/netlink-connection.ts';
import type { NetlinkWriter } from '../../../netlink/netlink-writer.ts';
import { XdpFeatures } from './xdp-features.ts';

const ENOENT = 2;

function describeFamily(writer: NetlinkWriter): void {
  writer.octets(1, 2, 0, 0);
  writer.u16(1, 77);
  writer.string(2, 'netdev');
}

test('devices that XDP can send frames out of, by their features', async () => {
  const kernel = new FakeKernel(({ type }) => {
    if (type === 16)
      return {
        messages: [{ type, body: describeFamily }],
      };
    return {
      messages: [
        [1, 0n],
        [2, 0x3n],
        [5, 0x7fn],
      ].map(([index, features]) => ({
        type,
        body: (w) => {
          w.octets(1, 1, 0, 0);
          w.u32(1, Number(index));
          w.u64(3, BigInt(features ?? 0));
        },
      })),
    };
  });
  const features = new XdpFeatures(new GenericNetlink(new NetlinkConnection(kernel.open())));
  assert.deepEqual(await features.targets(), new Set([5]));
  features.close();
});

test('a kernel that does not tell has none', async () => {
  const kernel = new FakeKernel(() => ({ errno: ENOENT }));
  const features = new XdpFeatures(new GenericNetlink(new NetlinkConnection(kernel.open())));
  assert.deepEqual(await features.targets(), new Set());
  features.close();
});

test('this kernel answers', async () => {
  const features = new XdpFeatures();
  assert.ok((await features.targets()) instanceof Set);
  features.close();
});
