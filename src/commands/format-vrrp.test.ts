import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VRRP } from '../api/fake-high-availability.ts';
import { NO_VRRP, type VrrpInstanceStatus } from '../model/vrrp-status.ts';
import { formatVrrp, vrrpJson, vrrpSummary } from './format-vrrp.ts';

const NOW = Date.parse('2026-01-02T05:09:05.678Z');
const PLAIN = { now: NOW, colour: false, verbose: false };

describe('formatVrrp', () => {
  it('tells instances with what is theirs, then groups and scripts', () => {
    assert.equal(
      formatVrrp(VRRP, PLAIN),
      `VI_1  master for 2 h 5 min, priority 150
  interface eth0, VRID 51, version 3, IPv4, from 10.0.0.1, group VG
  addresses 192.0.2.10, 192.0.2.11
  last heard 10.0.0.2, priority 100, 2 h 5 min ago

VI_2  fault for 2 h 5 min, priority 90, configured 100
  interface eth1, VRID 52, version 3, IPv6
  addresses 2001:db8::10
  has heard no other router
  held back until connections are synchronised: the whole table of 10.0.0.2
  FAULT: interface eth1 is down

group VG  master: VI_1
script chk_haproxy  up: exited with 0
script chk_disk  down: no result yet
`,
    );
  });

  it('tells counts where they are asked for', () => {
    const text = formatVrrp(VRRP, { ...PLAIN, verbose: true });
    assert.ok(
      text.includes(`ago
  sent 1234, to give up 1; received 17, of who gave up 2
  not heard: interval 3, addresses 4, authentication 5, peer 6
  became master 2, gave it up 1, heard a second master 7
  masters that gave up and went on: 8
`),
      text,
    );
    assert.match(text, /^ {2}not heard: none$/m);
    assert.match(
      text,
      /\npackets that are no advertisements: checksum 9, hop-limit 10\nadvertisements of other virtual routers: 11\n$/,
    );
  });

  it('has a backup tell its master, and who gave up', () => {
    const [first] = VRRP.instances as readonly [VrrpInstanceStatus];
    const heard = { address: '10.0.0.2' as never, priority: 200, at: '2026-01-02T05:09:04.678Z' };
    const backup = { ...first, state: 'backup', lastHeard: heard } as const;
    const master = { ...first, lastHeard: { ...heard, priority: 0 } };
    const text = formatVrrp({ ...NO_VRRP, instances: [backup, master] }, PLAIN);
    assert.match(text, /^ {2}master 10\.0\.0\.2, priority 200, 1 s ago$/m);
    assert.match(text, /^ {2}last heard 10\.0\.0\.2, which gave up, 1 s ago$/m);
    assert.doesNotMatch(text, /group VG {2}|script/);
  });

  it('colours masters and faults on a terminal', () => {
    const text = formatVrrp(VRRP, { ...PLAIN, colour: true });
    assert.ok(text.startsWith('VI_1  \u001b[32mmaster\u001b[0m for'));
    assert.ok(text.includes('\nVI_2  \u001b[31mfault\u001b[0m for'));
    assert.ok(text.includes('\nscript chk_disk  \u001b[31mdown\u001b[0m: no result yet\n'));
  });

  it('says that there is none', () => {
    assert.equal(formatVrrp(NO_VRRP, PLAIN), 'no VRRP: the configuration has no instances\n');
    assert.deepEqual(JSON.parse(vrrpJson(VRRP)), VRRP);
  });
});

describe('vrrpSummary', () => {
  it('names instances by state, and only some where there are many', () => {
    assert.equal(vrrpSummary(VRRP), 'master VI_1; fault VI_2 (interface eth1 is down)');
    const [first] = VRRP.instances as readonly [VrrpInstanceStatus];
    const many = Array.from({ length: 9 }, (_, index) => ({ ...first, name: `VI_${index}` }));
    assert.equal(vrrpSummary({ instances: many }), 'master VI_0, VI_1, VI_2, VI_3 and 5 more');
  });
});
