import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { enterOwnNetwork } from '../../../test/netlink/own-network.ts';
import { EEXIST } from '../../system/constants.ts';
import { AttributeReader } from '../attribute-reader.ts';
import { FakeKernel, type FakeRequest } from '../fake-kernel.ts';
import { NetlinkConnection } from '../netlink-connection.ts';
import type { NfTable } from './nf-table.ts';
import { NfTables } from './nf-tables.ts';

const TABLE: NfTable = {
  name: 'sample',
  owned: true,
  sets: [
    { name: 'four', family: 'inet', addresses: ['192.0.2.1', '192.0.2.2'] },
    { name: 'six', family: 'inet6', addresses: [] },
  ],
  chain: {
    name: 'input',
    hook: 'input',
    priority: -1000,
    rules: [
      [
        { kind: 'family', family: 'inet6' },
        { kind: 'protocol', protocol: 58 },
        { kind: 'transport-byte', offset: 0, from: 135, to: 136 },
        { kind: 'verdict', verdict: 'accept' },
      ],
      [
        { kind: 'family', family: 'inet' },
        { kind: 'destination-in', family: 'inet', set: 'four' },
        { kind: 'verdict', verdict: 'drop' },
      ],
      [
        { kind: 'family', family: 'inet6' },
        { kind: 'destination-in', family: 'inet6', set: 'six' },
        { kind: 'verdict', verdict: 'drop' },
      ],
    ],
  },
};

const EPERM = 1;
const NEWTABLE = 0xa00;
const NEWSETELEM = 0xa0c;
const BATCH_BEGIN = 0x10;

describe('nf_tables over a fake kernel', () => {
  it('goes out as one batch, which is not answered at its edges', async () => {
    const types: number[] = [];
    const kernel = new FakeKernel(({ type }) => {
      types.push(type);
      return {};
    });
    const tables = opened(kernel);
    await tables.replaceTable(TABLE);
    assert.equal(kernel.received.length, 1);
    assert.deepEqual(
      types.map((type) => type.toString(16)),
      ['10', 'a00', 'a02', 'a00', 'a09', 'a0c', 'a09', 'a03', 'a06', 'a06', 'a06', '11'],
    );
    types.length = 0;
    await tables.deleteTable(TABLE);
    assert.deepEqual(
      types.map((type) => type.toString(16)),
      ['10', 'a00', 'a02', '11'],
    );
  });

  it('rejects with what the kernel refuses, of one message or of the batch', async () => {
    const refusing = (which: number, errno: number) =>
      opened(new FakeKernel(({ type }) => (type === which ? { errno } : {}))).replaceTable(TABLE);
    await assert.rejects(refusing(NEWSETELEM, EEXIST), { code: 'EEXIST', request: 'NFT_MSG_NEWSETELEM' });
    await assert.rejects(
      opened(
        new FakeKernel(({ type }) => (type === BATCH_BEGIN ? { errno: EPERM } : undefined)),
      ).replaceTable(TABLE),
      { kind: 'refused', code: 'EPERM' },
    );
  });

  it('puts the name and the flags into a table', async () => {
    const seen: FakeRequest[] = [];
    const read: [number, string | number][][] = [];
    const kernel = new FakeKernel((request) => {
      if (request.type === NEWTABLE) {
        seen.push(request);
        read.push(attributesOf(request));
      }
      return {};
    });
    await opened(kernel).replaceTable(TABLE);
    assert.equal(seen.length, 2);
    assert.deepEqual(read[1], [
      [1, 'sample'],
      [2, 2],
    ]);
  });
});

const skip = enterOwnNetwork() ?? nftMissing() ?? false;

describe('nf_tables of this kernel', { skip, timeout: 30_000 }, () => {
  it('has the table that nft(8) shows, and loses it with the connection', async () => {
    const tables = new NfTables();
    await tables.replaceTable({ ...TABLE, sets: [], chain: { ...TABLE.chain, rules: [] } });
    await tables.replaceTable(TABLE);
    assert.equal(
      ruleset().replace(/ # progname .*/, ''),
      `table inet sample {
	flags owner

	set four {
		type ipv4_addr
		elements = { 192.0.2.1, 192.0.2.2 }
	}

	set six {
		type ipv6_addr
	}

	chain input {
		type filter hook input priority -1000; policy accept;
		icmpv6 type 135-136 accept
		ip daddr @four drop
		ip6 daddr @six drop
	}
}
`,
    );
    execFileSync('nft', ['flush', 'ruleset']);
    assert.match(ruleset(), /ip daddr @four drop/, 'an owned table survives a flush');
    tables.close();
    assert.equal(ruleset(), '');
  });

  it('deletes a table that is there or is not, and takes many addresses', async () => {
    const tables = new NfTables();
    const addresses = Array.from({ length: 3000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const many: NfTable = { ...TABLE, owned: false, sets: [{ name: 'four', family: 'inet', addresses }] };
    await tables.replaceTable({ ...many, chain: { ...many.chain, rules: [] } });
    assert.match(ruleset(), /10\.0\.11\.183/);
    await tables.deleteTable(many);
    await tables.deleteTable(many);
    assert.equal(ruleset(), '');
    tables.close();
  });
});

function opened(kernel: FakeKernel): NfTables {
  return new NfTables(new NetlinkConnection(kernel.open()));
}

function attributesOf({ payload }: FakeRequest): [number, string | number][] {
  const reader = new AttributeReader(payload, 4);
  const found: [number, string | number][] = [];
  while (reader.next()) {
    if (reader.type === 1) found.push([1, reader.string()]);
    else {
      const [, , , last = 0] = reader.bytes();
      found.push([reader.type, last]);
    }
  }
  return found;
}

function ruleset(): string {
  return execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
}

function nftMissing(): string | undefined {
  try {
    execFileSync('nft', ['--version']);
    return undefined;
  } catch {
    return 'needs nft(8)';
  }
}
