import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AttributeReader } from './attribute-reader.ts';
import { FakeKernel } from './fake-kernel.ts';
import { GenericNetlink, genericCommand, genericRequest } from './generic-netlink.ts';
import { NetlinkConnection } from './netlink-connection.ts';

describe('generic netlink of this kernel', () => {
  test('knows the family that knows the others', async (t) => {
    const netlink = GenericNetlink.open();
    t.after(() => netlink.close());
    const family = await netlink.family('nlctrl');
    assert.equal(family.name, 'nlctrl');
    assert.equal(family.id, 16);
    assert.ok(family.version >= 2);
    assert.equal(family.groups.get('notify'), 16);
    assert.equal(await netlink.family('nlctrl'), family, 'it was asked for again');
  });

  test('refuses a family that is not there, again each time', async (t) => {
    const netlink = GenericNetlink.open();
    t.after(() => netlink.close());
    for (let n = 0; n < 2; n++) {
      await assert.rejects(netlink.family('NOSUCHFAMILY'), {
        name: 'NetlinkError',
        kind: 'refused',
        code: 'ENOENT',
        request: 'CTRL_CMD_GETFAMILY NOSUCHFAMILY',
      });
    }
    await assert.rejects(netlink.family('A'.repeat(17)), { kind: 'refused' });
  });

  test('lists its families, as often as asked at once', async (t) => {
    const netlink = GenericNetlink.open();
    t.after(() => netlink.close());
    const lists = await Promise.all(Array.from({ length: 20 }, () => netlink.families()));
    for (const list of lists) assert.deepEqual(list, lists[0]);
    assert.ok(lists[0]?.some(({ name }) => name === 'nlctrl'));
  });

  test('says of which attribute it complains, and why', async (t) => {
    const netlink = GenericNetlink.open();
    t.after(() => netlink.close());
    const control = await netlink.family('nlctrl');
    const request = genericRequest(control, {
      name: 'CTRL_CMD_GETFAMILY',
      command: 3,
      body: (writer) => writer.bytes(2, Buffer.from('without a closing NUL, and too long')),
    });
    await assert.rejects(netlink.connection.request(request), (error: Record<string, unknown>) => {
      assert.equal(error.code, 'EINVAL');
      assert.match(String(error.kernelMessage), /validation/i);
      assert.equal(error.offset, 20);
      return true;
    });
  });

  test('takes many requests at once', async (t) => {
    const netlink = GenericNetlink.open();
    t.after(() => netlink.close());
    const control = await netlink.family('nlctrl');
    let answers = 0;
    const outcomes = await netlink.connection.execute(
      Array.from({ length: 1000 }, (_, n) =>
        genericRequest(control, {
          name: 'CTRL_CMD_GETFAMILY',
          command: n % 2 === 0 ? 3 : 99,
          body: (writer) => writer.string(2, 'nlctrl'),
          receive: (message) => {
            assert.equal(genericCommand(message), 1);
            answers += 1;
          },
        }),
      ),
    );
    assert.deepEqual(
      outcomes.map((outcome) => (outcome as { code?: string } | undefined)?.code),
      Array.from({ length: 1000 }, (_, n) => (n % 2 === 0 ? undefined : 'EOPNOTSUPP')),
    );
    assert.equal(answers, 500);
  });
});

describe('generic netlink', () => {
  test('asks for a family once, whoever asks', async () => {
    const kernel = new FakeKernel(({ payload }) => {
      const reader = new AttributeReader(payload, 4);
      reader.next();
      assert.equal(reader.string(), 'IPVS');
      return {
        messages: [
          {
            type: 16,
            body: (writer) => {
              writer.header(Uint8Array.of(1, 2, 0, 0));
              writer.u16(1, 35);
              writer.string(2, 'IPVS');
              writer.u32(3, 1);
              writer.u32(4, 0);
              writer.u32(5, 6);
            },
          },
        ],
      };
    });
    const netlink = new GenericNetlink(new NetlinkConnection(kernel.open()));
    const [one, other] = await Promise.all([netlink.family('IPVS'), netlink.family('IPVS')]);
    assert.deepEqual(one, {
      name: 'IPVS',
      id: 35,
      version: 1,
      headerBytes: 0,
      highestAttribute: 6,
      groups: new Map(),
    });
    assert.equal(one, other);
    assert.equal(kernel.received.length, 1);
    assert.equal(
      Buffer.from(kernel.received[0]?.subarray(16) ?? []).toString('hex'),
      '03020000090002004950565300000000',
    );
  });
});
