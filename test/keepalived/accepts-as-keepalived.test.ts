import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ConfigInvalidError } from '../../src/config/config-problem.ts';
import { loadKeepalivedConfig } from '../../src/config/keepalived/load-keepalived-config.ts';
import { unpackedWithDependencies } from '../vm/lab/packages.ts';
import { LabUnavailable } from '../vm/lab/unavailable.ts';

/** What a program says of a file: nothing, something, or (vipr) that it does not take it. */
type Verdict = 'good' | 'warns' | 'refuses';

const HEAD = 'protocol TCP\nlvs_sched wlc\nlvs_method NAT\n';
const service = (lines: string, server = '') =>
  `virtual_server 192.0.2.1 80 {\n${HEAD}${lines}\nreal_server 10.0.0.1 80 {\n${server}\n}\n}\n`;
const server = (lines: string) => service('', lines);
const check = (lines: string) => server(`HTTP_GET {\nurl {\n${lines}\n}\n}`);
const group = (lines: string) => `virtual_server_group G {\n${lines}\n}\n`;
const grouped = (lines: string) =>
  `${group(lines)}virtual_server group G {\n${HEAD}real_server 10.0.0.1 80 {\n}\n}\n`;

/** What `keepalived -t` says: `warns` is an exit code other than 0, whatever it does with the file afterwards. */
const cases: readonly (readonly [what: string, keepalived: 'good' | 'warns', vipr: Verdict, text: string])[] =
  [
    // Both alike.
    ['an empty file', 'good', 'good', ''],
    ['a service', 'good', 'good', service('')],
    [
      'checks',
      'good',
      'good',
      `${server('TCP_CHECK {\nconnect_timeout 0.5\n}\nDNS_CHECK {\nname example.org\n}')}${''}`,
    ],
    ['a regular expression', 'good', 'good', check('path /\nregex "a{2}"\nregex_options caseless')],
    ['ranges', 'good', 'good', grouped('192.0.2.250-192.0.3.3 80\n192.0.2.8/29 80\n192.0.2.20-25 80')],
    ['definitions', 'good', 'good', `$A=10\n$B= \\\n retry 3 \\\n delay_loop $A\n${service('$B')}`],
    ['~SEQ', 'good', 'good', service('~SEQ(N, 2, 9) real_server 10.0.0.$N 80 { weight $N }')],
    ['an unknown keyword', 'warns', 'refuses', service('delay_lop 5')],
    ['a missing brace', 'warns', 'refuses', service('').slice(0, -2)],
    ['a brace too many', 'warns', 'refuses', `${service('')}}\n`],
    ['a missing block', 'warns', 'refuses', 'virtual_server 192.0.2.1 80\nprotocol TCP\n'],
    ['an open quote', 'warns', 'refuses', service('virtualhost "a')],
    ['a missing value', 'warns', 'refuses', service('delay_loop')],
    ['a negative weight', 'warns', 'refuses', server('weight -1')],
    ['a time with a unit', 'warns', 'refuses', service('delay_loop 3s')],
    ['an unknown scheduler', 'warns', 'refuses', service('lvs_sched wlcc')],
    ['the name of a host', 'warns', 'refuses', service('').replace('192.0.2.1', 'www.example.org')],
    ['a server of the other family', 'warns', 'refuses', service('real_server 2001:db8::1 80 {\n}')],
    ['a range of one address', 'warns', 'refuses', group('192.0.2.1-1 80')],
    ['a range backwards', 'warns', 'refuses', group('192.0.2.5-3 80')],
    ['a range that is too large', 'warns', 'refuses', group('192.0.2.5-300 80')],
    ['an address beyond its prefix', 'warns', 'refuses', group('192.0.2.9/29 80')],
    ['a status code below 100', 'warns', 'refuses', check('path /\nstatus_code 99')],
    ['a short digest', 'warns', 'refuses', check('path /\ndigest 12')],
    [
      'a weight of a track_file above 254',
      'warns',
      'refuses',
      'track_file f {\nfile /tmp/f\nweight 255\n}\n',
    ],
    ['a server twice', 'warns', 'warns', service('real_server 10.0.0.1 80 {\n}')],
    ['a quorum above all weights', 'warns', 'warns', service('quorum 5')],
    ['a hysteresis above the quorum', 'warns', 'warns', service('hysteresis 5')],
    ['no protocol', 'warns', 'warns', service('').replace('protocol TCP\n', '')],
    ['a protocol of a mark', 'warns', 'warns', service('').replace('192.0.2.1 80', 'fwmark 1')],
    [
      'another port than that of a direct server',
      'warns',
      'warns',
      service('lvs_method DR\nreal_server 10.0.0.2 81 {\n}'),
    ],
    ['no real servers', 'warns', 'warns', `virtual_server 192.0.2.1 80 {\n${HEAD}}\n`],

    // vipr is content where keepalived tells of a default, or of an order that does not matter here.
    ['no scheduler', 'warns', 'good', service('').replace('lvs_sched wlc\n', '')],
    [
      'a flag before its scheduler',
      'warns',
      'good',
      service('').replace('lvs_sched wlc', 'sh-port\nlvs_sched sh'),
    ],
    ['a line that goes on', 'warns', 'good', service('delay_loop \\\n5')],

    // vipr tells what keepalived passes over.
    ['a setting twice', 'good', 'warns', service('delay_loop 5\ndelay_loop 6')],
    ['words behind a value', 'good', 'warns', service('delay_loop 5 s')],
    ['a file that is not there', 'good', 'warns', `include /nonexistent/keepalived.conf\n${service('')}`],

    // vipr refuses what cannot work, or what it cannot do.
    ['a service twice', 'good', 'refuses', service('') + service('')],
    ['a group that is not there', 'good', 'refuses', service('').replace('192.0.2.1 80', 'group X')],
    ['a path that does not begin with a slash', 'good', 'refuses', check('path index.html')],
    ['a lower threshold above the upper one', 'good', 'refuses', server('uthreshold 5\nlthreshold 10')],
    ['a pattern that is none', 'good', 'refuses', check('path /\nregex "a(b"')],
    [
      'an option of a pattern that is none',
      'good',
      'refuses',
      check('path /\nregex a\nregex_options nosuch'),
    ],
  ];

const keepalived = unpackedKeepalived();

describe('keepalived -t and vipr of the same file', {
  skip: 'reason' in keepalived && keepalived.reason,
}, () => {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-keepalived-'));
  after(() => rmSync(directory, { recursive: true }));
  cases.forEach(([what, theirs, ours, text], index) => {
    it(`${what}: keepalived ${theirs}, vipr ${ours}`, async () => {
      const file = join(directory, `${index}.conf`);
      writeFileSync(file, text);
      const said = 'root' in keepalived ? tested(keepalived.root, file) : { verdict: theirs, output: '' };
      assert.equal(said.verdict, theirs, said.output);
      assert.equal(await verdictOf(file), ours);
    });
  });
});

async function verdictOf(file: string): Promise<Verdict> {
  try {
    const { warnings } = await loadKeepalivedConfig(file);
    return warnings.length === 0 ? 'good' : 'warns';
  } catch (error) {
    if (error instanceof ConfigInvalidError) return 'refuses';
    throw error;
  }
}

/** Runs in a network namespace of its own, which has nothing that a test of a configuration could look at or change. */
function tested(root: string, file: string): { readonly verdict: 'good' | 'warns'; readonly output: string } {
  const libraries = ['usr/lib/x86_64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'usr/lib'].map((path) =>
    join(root, path),
  );
  const { status, signal, error, stdout, stderr } = spawnSync(
    'unshare',
    ['--net', join(root, 'usr/sbin/keepalived'), '--config-test', '--use-file', file],
    { env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') }, encoding: 'utf8', timeout: 30_000 },
  );
  if (error !== undefined) throw error;
  const output = stdout + stderr;
  assert.ok(!/error while loading/.test(output), output);
  return { verdict: status === 0 && signal === null ? 'good' : 'warns', output };
}

function unpackedKeepalived(): { readonly root: string } | { readonly reason: string } {
  if (process.getuid?.() !== 0)
    return { reason: 'only root can make the network namespace that keepalived is run in' };
  try {
    const root = unpackedWithDependencies('keepalived-with-libraries', ['keepalived']);
    return existsSync(join(root, 'usr/sbin/keepalived'))
      ? { root }
      : { reason: 'the package has no keepalived' };
  } catch (error) {
    if (error instanceof LabUnavailable) return { reason: error.message };
    return { reason: `keepalived cannot be had: ${error instanceof Error ? error.message : error}` };
  }
}
