import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Dismissal } from '../../src/vrrp/machine/judge-advertisement.ts';
import type { Refusal } from '../../src/vrrp/packet/decode-advertisement.ts';
import { CHECKOUT } from '../project/source-file.ts';

const REFUSALS: Readonly<Record<Refusal, true>> = {
  'hop-limit': true,
  'too-short': true,
  version: true,
  type: true,
  checksum: true,
  'virtual-router-id': true,
  interval: true,
  length: true,
  'authentication-type': true,
};
const DISMISSALS: Readonly<Record<Dismissal, true>> = {
  'own-address': true,
  'hop-limit': true,
  version: true,
  authentication: true,
  interval: true,
  addresses: true,
  peer: true,
};

it('the guide of VRRP has every reason for which a packet is not heard, and no other', () => {
  const page = readFileSync(join(CHECKOUT, 'docs/guide/vrrp.md'), 'utf8');
  for (const [heading, reasons] of [
    ['counted as malformed', REFUSALS],
    ['counted by an instance as dismissed', DISMISSALS],
  ] as const) {
    const [, rest = ''] = page.split(`| ${heading} |`);
    const [table = ''] = rest.split('\n\n');
    const named = table
      .split('\n')
      .flatMap((row) => (row.split('|')[1] ?? '').match(/(?<=`)[a-z-]+(?=`)/g) ?? []);
    assert.deepEqual(named.sort(), Object.keys(reasons).sort());
  }
});
