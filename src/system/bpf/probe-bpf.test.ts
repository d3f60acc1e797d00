import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { hasCapability } from './capability.ts';
import { type MissingFeature, probeBpf } from './probe-bpf.ts';
import { whyNoBpf } from './testing/why-no-bpf.ts';

test('reads capabilities as the kernel counts them', () => {
  const status = (mask: string) => `Name:\tx\nCapPrm:\tffffffffffffffff\nCapEff:\t${mask}\n`;
  assert.equal(hasCapability('CAP_NET_ADMIN', status('0000000000001000')), true);
  assert.equal(hasCapability('CAP_BPF', status('0000000000001000')), false);
  assert.equal(hasCapability('CAP_BPF', status('0000008000000000')), true);
  assert.equal(hasCapability('CAP_PERFMON', status('0000000000200000')), true);
  assert.equal(hasCapability('CAP_NET_ADMIN', status('0000000000200000')), false);
  assert.equal(hasCapability('CAP_SYS_ADMIN', ''), false);
});

test('finds what is missing, and nothing that is there', { skip: whyNoBpf }, () => {
  const missing = new Map(probeBpf().map((each) => [each.what, each]));
  // Who may make maps here is root, and can mount.
  for (const what of ['bpf', 'xdp', 'tc', 'bpffs'] as const) assert.equal(missing.get(what), undefined, what);
  assert.equal(missing.has('btf'), !existsSync('/sys/kernel/btf/vmlinux'));
  for (const { why, hint } of missing.values()) {
    assert.match(hint, /^[A-Z].*\.$/s);
    assert.ok(why.length > 0);
  }
});

test('says what a process without capabilities lacks', { skip: whyNoBpf }, (context) => {
  const code = `import(${JSON.stringify(new URL('./probe-bpf.ts', import.meta.url).href)})
    .then(({ probeBpf }) => console.log(JSON.stringify(probeBpf('/'))))`;
  const words = ['--bounding-set', '-all', '--inh-caps', '-all', '--', process.execPath, '-e', code];
  const run = spawnSync('setpriv', words, { encoding: 'utf8' });
  if (run.error !== undefined) return context.skip('needs setpriv');
  assert.equal(run.status, 0, run.stderr);
  const missing: readonly MissingFeature[] = JSON.parse(run.stdout);
  const why = new Map(missing.map((each) => [each.what, each.why]));
  assert.equal(why.get('capability'), 'the process lacks CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON');
  // Systems that let anybody use bpf(2) still keep XDP from them.
  assert.match(why.get('bpf') ?? why.get('xdp') ?? '', /operation not permitted \(EPERM\)/);
  assert.equal(why.get('bpffs'), '/ is not on a BPF file system, and mounting one takes CAP_SYS_ADMIN');
});
