import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttributeReader } from '../attribute-reader.ts';
import { FakeKernel } from '../fake-kernel.ts';
import { macvlanData } from './macvlan.ts';
import { RouteNetlink } from './route-netlink.ts';

const IFLA_LINKINFO = 18;
const IFLA_INFO_DATA = 2;
const IFLA_MACVLAN_MODE = 1;

test('the mode of a macvlan is in the data of its kind', async () => {
  const modes: number[] = [];
  const kernel = new FakeKernel(({ payload }) => {
    const link = new AttributeReader(payload, 16);
    while (link.next()) if (link.type === IFLA_LINKINFO) link.nest(readInfo);
    return {};
  });
  function readInfo(info: AttributeReader): void {
    while (info.next()) if (info.type === IFLA_INFO_DATA) info.nest(readData);
  }
  function readData(data: AttributeReader): void {
    while (data.next()) if (data.type === IFLA_MACVLAN_MODE) modes.push(data.u32());
  }
  const netlink = new RouteNetlink(() => kernel.open());
  for (const mode of ['private', 'vepa', 'bridge', 'passthru'] as const)
    await netlink.links.add({ name: 'm', kind: 'macvlan', parent: 2, data: macvlanData(mode) });
  netlink.close();
  assert.deepEqual(modes, [1, 2, 4, 8]);
});
