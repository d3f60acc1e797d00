import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GenericNetlink } from '../../netlink/generic-netlink.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import { RouteNetlink } from '../../netlink/route/route-netlink.ts';
import { IPVS_CAPABILITIES } from './capability.ts';
import { FakeIpvs, type FakeIpvsOptions } from './fake/fake-ipvs.ts';
import { type IpvsModules, MACHINE, openIpvs, openIpvsEngine } from './open-ipvs-engine.ts';

describe('openIpvsEngine', () => {
  test('opens what is there without loading anything', async () => {
    const { engine, loaded } = await open({});
    assert.deepEqual(await engine.info(), {
      name: 'ipvs',
      version: '1.2.1',
      connectionTableSize: 4096,
      capabilities: { ...IPVS_CAPABILITIES, schedulers: ['rr'] },
    });
    assert.deepEqual(loaded, []);
    await engine.close();
    await engine.close();
    await assert.rejects(engine.snapshot(), { code: 'ENGINE_FAILED' });
  });

  test('asks for the version once', async () => {
    const { engine, fake } = await open({});
    const before = fake.kernel.received.length;
    await engine.info();
    assert.deepEqual([before, fake.kernel.received.length], [2, 2]);
  });

  test('loads the module where it is not there', async () => {
    const { engine, loaded } = await open({ loaded: false });
    assert.deepEqual(loaded, ['ip_vs']);
    assert.equal((await engine.snapshot()).services.length, 0);
  });

  test('a kernel without IPVS', async () => {
    const fake = await rejected(
      { loaded: false, exists: false },
      {},
      {
        code: 'ENGINE_UNAVAILABLE',
        errno: 'ENOPROTOOPT',
      },
    );
    assert.equal(fake.kernel.openSockets, 0);
  });

  test('a user who is no administrator, with IPVS and without', async () => {
    const denied = { code: 'PERMISSION_DENIED', errno: 'EPERM' };
    const fake = await rejected({ privileged: false }, {}, denied);
    assert.equal(fake.kernel.openSockets, 0);
    await assert.rejects(openIpvs(new FakeIpvs({ privileged: false }).modules), denied);
    const noLoading = () => assert.fail('who is not privileged cannot load a module');
    await rejected({ privileged: false, loaded: false }, { loadModule: noLoading }, denied);
  });

  test('a system without generic netlink', async () => {
    const openNetlink = () => {
      throw new NetlinkError('system-call', 'socket: protocol not supported', { errno: 93 });
    };
    await rejected({}, { openNetlink }, { code: 'ENGINE_UNAVAILABLE', errno: 'ENOPROTOOPT' });
  });

  test('this machine, as it is', async (t) => {
    const netlink = GenericNetlink.open();
    const there = await netlink.family('IPVS').then(
      () => true,
      () => false,
    );
    netlink.close();
    if (there) return t.skip('this kernel has IPVS: test/vm speaks to it');
    const loaded: string[] = [];
    const loadModule = async (name: string) => void loaded.push(name);
    const unprivileged = { ...MACHINE, loadModule, isPrivileged: () => false };
    await assert.rejects(openIpvsEngine({}, unprivileged), { code: 'PERMISSION_DENIED' });
    assert.deepEqual(loaded, []);
    const privileged = { ...MACHINE, loadModule, isPrivileged: () => true };
    await assert.rejects(openIpvsEngine({}, privileged), {
      code: 'ENGINE_UNAVAILABLE',
      errno: 'ENOPROTOOPT',
    });
    assert.deepEqual(loaded, ['ip_vs']);
  });
});

test('isPrivileged says whether the kernel lets this process change the network', async (t) => {
  const netlink = new RouteNetlink();
  t.after(() => netlink.close());
  const nothing = netlink.links.change(1, {});
  const allowed = await nothing.then(
    () => true,
    () => false,
  );
  assert.equal(MACHINE.isPrivileged(), allowed);
});

function modulesOf(options: FakeIpvsOptions, changes: Partial<IpvsModules> = {}) {
  const fake = new FakeIpvs(options);
  const loaded: string[] = [];
  const modules: IpvsModules = {
    ...fake.modules,
    loadModule: (name) => {
      loaded.push(name);
      return fake.modules.loadModule(name);
    },
    ...changes,
  };
  return { fake, loaded, modules };
}

async function open(options: FakeIpvsOptions) {
  const { fake, loaded, modules } = modulesOf(options);
  return { fake, loaded, engine: await openIpvsEngine({ schedulers: ['rr'] }, modules) };
}

async function rejected(
  options: FakeIpvsOptions,
  changes: Partial<IpvsModules>,
  expected: object,
): Promise<FakeIpvs> {
  const { fake, modules } = modulesOf(options, changes);
  await assert.rejects(openIpvsEngine({}, modules), (error: Record<string, unknown>) => {
    assert.deepEqual({ ...error, ...expected }, { ...error });
    assert.ok(error.hint);
    return true;
  });
  return fake;
}
