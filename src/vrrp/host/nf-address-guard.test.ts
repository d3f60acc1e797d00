import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { NfTable } from '../../netlink/netfilter/nf-table.ts';
import { NfAddressGuard } from './nf-address-guard.ts';

const ips = (...texts: string[]) => texts as IpAddress[];

class FakeTables {
  readonly written: NfTable[] = [];
  isClosed = false;

  async replaceTable(table: NfTable): Promise<void> {
    this.written.push(table);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The addresses of the sets of the last table. */
  get addresses(): (readonly string[])[] | undefined {
    return this.written.at(-1)?.sets.map(({ addresses }) => addresses);
  }
}

describe('NfAddressGuard', () => {
  it('has a table from its opening on, with the addresses of all who want it', async () => {
    const tables = new FakeTables();
    const guard = new NfAddressGuard(() => tables);
    assert.equal(await guard.open(), undefined);
    assert.equal(await guard.open(), undefined);
    assert.deepEqual([tables.written.length, tables.addresses], [1, [[], []]]);
    await guard.guard('one', ips('192.0.2.1', '2001:db8::1'));
    await guard.guard('two', ips('192.0.2.2', '192.0.2.1'));
    assert.deepEqual(tables.addresses, [['192.0.2.1', '192.0.2.2'], ['2001:db8::1']]);
    await guard.guard('one', []);
    assert.deepEqual(tables.addresses, [['192.0.2.2', '192.0.2.1'], []]);
    const before = tables.written.length;
    await guard.guard('three', []);
    assert.equal(tables.written.length, before, 'nothing has changed');
    assert.ok(tables.written.every(({ owned, chain }) => owned && chain.priority === 200));
    guard.close();
    assert.ok(tables.isClosed);
  });

  it('says why it cannot, and can be opened again', async () => {
    let opened = 0;
    const tables = new FakeTables();
    const guard = new NfAddressGuard(() => {
      opened += 1;
      if (opened === 1) throw new Error('no netfilter here');
      return tables;
    });
    assert.equal(await guard.open(), 'packets to its addresses cannot be kept out: no netfilter here');
    await guard.guard('one', ips('192.0.2.1'));
    assert.equal(await guard.open(), undefined);
    assert.deepEqual(tables.addresses, [['192.0.2.1'], []]);
  });
});
