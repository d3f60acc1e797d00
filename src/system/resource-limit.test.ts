import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { raiseDescriptorLimit } from './resource-limit.ts';

test('raises the limit as far as this process may, and says how far', () => {
  const limit = raiseDescriptorLimit();
  const [, soft, hard] =
    /^Max open files\s+(\d+)\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  assert.equal(limit, Number(soft));
  assert.equal(soft, hard);
  assert.equal(raiseDescriptorLimit(), limit, 'a second time changes nothing');
});

test('without privileges it stops at the hard limit', (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root, to become somebody else');
  const script = `
    process.setgid(65534); process.setuid(65534);
    const { raiseDescriptorLimit } = await import(${JSON.stringify(new URL('./resource-limit.ts', import.meta.url).href)});
    console.log(raiseDescriptorLimit());`;
  const command = `ulimit -Sn 500; ulimit -Hn 3000; exec "$0" --input-type=module -e "$1"`;
  assert.equal(execFileSync('sh', ['-c', command, process.execPath, script], { encoding: 'utf8' }), '3000\n');
});
