import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VrrpInstanceSettings } from '../../model/vrrp.ts';
import { formatConfig } from '../format-config.ts';
import { parseConfig } from '../parse-config.ts';
import { errorsOf, parsed, warningsOf } from './fake-environment.ts';

/** An instance that is good but for these lines. */
const instance = (lines: string, more = 'virtual_ipaddress { 192.0.2.10 }') =>
  `vrrp_instance VI {\ninterface eth0\nvirtual_router_id 51\n${more}\n${lines}\n}\n`;

function first(text: string): VrrpInstanceSettings {
  const [one] = parsed(text).vrrp?.instances ?? [];
  assert.ok(one !== undefined, text);
  return one;
}

/** What an instance with these lines has of these keys. */
function keysOf(lines: string, ...keys: (keyof VrrpInstanceSettings)[]) {
  const one = first(instance(lines));
  return keys.map((key) => one[key]);
}

describe('vrrp_instance', () => {
  it('has the defaults of keepalived', () => {
    assert.deepEqual(first(instance('')), {
      name: 'VI',
      interface: 'eth0',
      family: 'inet',
      version: 2,
      virtualRouterId: 51,
      priority: 100,
      initialState: 'backup',
      advertisementInterval: 1000,
      pseudoHeaderChecksum: true,
      preempt: true,
      preemptDelay: 0,
      addresses: [{ address: '192.0.2.10', prefixLength: 32 }],
      excludedAddresses: [],
      routes: [],
      rules: [],
      accept: true,
      announcements: { delay: 5000, repeat: 5, refresh: 0, refreshRepeat: 1 },
      checkAddresses: true,
      tracked: [],
      notify: {},
    });
  });

  it('is the owner as MASTER without a priority, and MASTER with priority 255', () => {
    assert.deepEqual(keysOf('state MASTER', 'priority', 'initialState'), [255, 'master']);
    assert.deepEqual(keysOf('priority 255', 'priority', 'initialState'), [255, 'master']);
    assert.deepEqual(keysOf('state MASTER\npriority 100', 'priority', 'initialState'), [100, 'master']);
  });

  it('speaks version 3 over IPv6, and where it is told to', () => {
    const six = instance('version 2', 'virtual_ipaddress { fe80::1 }');
    assert.deepEqual([first(six).version, first(six).family], [3, 'inet6']);
    assert.deepEqual(warningsOf(six), ['5:1: version 2 becomes 3: vipr speaks version 2 over IPv4 only']);
    assert.deepEqual(keysOf('version 3', 'version'), [3]);
    assert.equal(first(`global_defs {\nvrrp_version 3\n}\n${instance('')}`).version, 3);
  });

  it('rounds intervals as keepalived does', () => {
    const cases = [
      ['advert_int 1.6', 2000],
      ['advert_int 0.2', 1000],
      ['advert_int 300', 255_000],
      ['version 3\nadvert_int 0.25', 250],
      ['version 3\nadvert_int 0.014', 10],
      ['version 3\nadvert_int 41', 40_950],
    ] as const;
    for (const [lines, expected] of cases)
      assert.deepEqual(keysOf(lines, 'advertisementInterval'), [expected]);
    assert.deepEqual(warningsOf(instance('advert_int 1.6')), [
      '5:1: advert_int becomes 2 in version 2, as by keepalived',
    ]);
  });

  it('has a password of 8 bytes in version 2', () => {
    const pass = (word: string) => `authentication {\nauth_type PASS\nauth_pass ${word}\n}`;
    assert.deepEqual(keysOf(pass('1111'), 'password'), ['1111']);
    assert.deepEqual(keysOf(pass('123456789'), 'password'), ['12345678']);
    assert.deepEqual(warningsOf(instance(pass('123456789'))), [
      '7:11: auth_pass is cut to its first 8 bytes, as by keepalived',
    ]);
    assert.deepEqual(keysOf(`version 3\n${pass('a')}`, 'password'), [undefined]);
    assert.deepEqual(warningsOf(instance(`version 3\n${pass('a')}`)), [
      '6:1: authentication is not done: version 3 has none',
    ]);
  });

  it('with AH is left out', () => {
    const ah = instance('authentication {\nauth_type AH\nauth_pass a\n}');
    assert.deepEqual(warningsOf(ah), [
      '6:11: AH is not spoken by vipr: vrrp_instance VI is left out; use PASS, or no authentication',
    ]);
    assert.equal(parsed(ah).vrrp?.instances.length ?? 0, 0);
  });

  it('has addresses with device, label and scope', () => {
    const lines = `virtual_ipaddress {
192.0.2.10/24 brd 192.0.2.255 dev eth1 scope link label eth1:1
192.0.2.11
192.0.2.11 label eth0:2
2001:db8::1
}
virtual_ipaddress_excluded {
2001:db8::2/64 dev eth2
}`;
    const text = instance('', lines);
    assert.deepEqual(first(text).addresses, [
      { address: '192.0.2.10', prefixLength: 24, interface: 'eth1', scope: 'link', label: 'eth1:1' },
      { address: '192.0.2.11', prefixLength: 32 },
    ]);
    assert.deepEqual(first(text).excludedAddresses, [
      { address: '2001:db8::2', prefixLength: 64, interface: 'eth2' },
    ]);
    assert.deepEqual(warningsOf(text), [
      '5:15: brd of 192.0.2.10/24 is not set: vipr sets address, device, label and scope',
      '7:1: 192.0.2.11 is given again: it is left out, as by keepalived',
      '8:1: 2001:db8::1 is of another family than the first address: it is left out, as by keepalived',
    ]);
  });

  it('preempts, later or never', () => {
    assert.deepEqual(keysOf('nopreempt', 'preempt'), [false]);
    assert.deepEqual(keysOf('preempt_delay 2.5', 'preempt', 'preemptDelay'), [true, 2500]);
    assert.deepEqual(keysOf('state MASTER\nnopreempt\npreempt_delay 5', 'preempt', 'preemptDelay'), [
      true,
      0,
    ]);
    assert.deepEqual(warningsOf(instance('state MASTER\nnopreempt\npreempt_delay 5')), [
      '6:1: nopreempt has no effect with the state MASTER',
      '7:1: preempt_delay has no effect with the state MASTER',
    ]);
  });

  it('has peers, a source, a virtual MAC and settings that are flags', () => {
    const lines = `unicast_src_ip 192.0.2.2
unicast_peer {
192.0.2.3
192.0.2.4 min_ttl 250
}
use_vmac
no_accept
skip_check_adv_addr
version 3
v3_checksum_as_v2
dont_track_primary`;
    assert.deepEqual(
      keysOf(
        lines,
        'sourceAddress',
        'unicastPeers',
        'virtualMac',
        'accept',
        'checkAddresses',
        'pseudoHeaderChecksum',
        'untrackedInterface',
      ),
      [
        '192.0.2.2',
        ['192.0.2.3', '192.0.2.4'],
        { interface: 'vrrp.51', transmitBase: true },
        false,
        false,
        false,
        true,
      ],
    );
    assert.deepEqual(keysOf('use_vmac vr0\nvmac_xmit_base', 'virtualMac'), [
      { interface: 'vr0', transmitBase: true },
    ]);
    assert.deepEqual(keysOf('use_vmac name vr0', 'virtualMac'), [{ interface: 'vr0', transmitBase: false }]);
    const prefixed = `global_defs {\nvmac_prefix vip\n}\n${instance('use_vmac')}`;
    assert.deepEqual(first(prefixed).virtualMac, { interface: 'vip.51', transmitBase: false });
    const long = `global_defs {\nvmac_prefix abcdefghijklmno\n}\n${instance('use_vmac')}`;
    assert.deepEqual(errorsOf(long), [
      '8:1: abcdefghijklmno.51, by vmac_prefix, is longer than 15 characters',
    ]);
  });

  it('has announcements of its own, or those of global_defs', () => {
    const global =
      'global_defs {\nvrrp_garp_master_delay 1\nvrrp_garp_master_refresh 60\nvrrp_garp_lower_prio_repeat 2\ndefault_interface eth9\n}\n';
    assert.deepEqual(first(global + instance('garp_master_delay 10\ngarp_master_repeat 0')).announcements, {
      delay: 10_000,
      repeat: 1,
      refresh: 60_000,
      refreshRepeat: 1,
      lowerPriorityRepeat: 2,
    });
    assert.equal(first(global + instance('').replace('interface eth0\n', '')).interface, 'eth9');
  });

  it('has routes and rules in the words that vipr has', () => {
    const lines = `virtual_routes {
src 192.168.100.1 192.168.109.0/24 via 192.168.200.254 dev eth1
192.168.113.0/24 via 192.168.100.252 or 192.168.100.253
blackhole 192.168.113.1/32
default gw 192.168.0.1 table 100 metric 5 scope global
}
virtual_rules {
from 192.168.200.0/24 table 2
to 192.168.200.0/24 lookup main priority 1000
from 10.0.0.1 fwmark 3 table 5
}`;
    const one = first(instance(lines));
    assert.deepEqual(one.routes, [
      {
        source: '192.168.100.1',
        destination: { address: '192.168.109.0', prefixLength: 24 },
        via: '192.168.200.254',
        interface: 'eth1',
      },
      { via: '192.168.0.1', table: 100, metric: 5, scope: 'global' },
    ]);
    assert.deepEqual(one.rules, [
      { table: 2, from: { address: '192.168.200.0', prefixLength: 24 } },
      { table: 254, to: { address: '192.168.200.0', prefixLength: 24 }, preference: 1000 },
    ]);
    assert.deepEqual(warningsOf(instance(lines)), [
      '7:38: the route with "or" is left out: vipr cannot set this',
      '8:1: the route with "blackhole" is left out: vipr cannot set this',
      '14:15: the rule with "fwmark" is left out: vipr cannot set this',
    ]);
  });

  it('has its place for what is found wrong later', () => {
    const { source } = parsed(`\n${instance('')}`);
    assert.equal(source.problem(['vrrp', 'instances', 0, 'virtual-mac'], 'x').line, 2);
  });

  it('is left out without an address', () => {
    const text = instance('', '');
    assert.deepEqual(parsed(text).vrrp?.instances, []);
    assert.deepEqual(warningsOf(text), ['1:1: vrrp_instance VI has no virtual_ipaddress: it is left out']);
  });
});

describe('what is wrong of VRRP', () => {
  const cases: readonly (readonly [text: string, ...errors: string[]])[] = [
    [
      'vrrp_instance VI {\nvirtual_ipaddress { 192.0.2.1 }\n}',
      '1:1: vrrp_instance VI misses its virtual_router_id',
      '1:1: vrrp_instance VI misses its interface',
    ],
    [
      instance('virtual_router_id 256').replace('virtual_router_id 51\n', ''),
      '4:19: virtual_router_id: must be a whole number from 1 to 255, not "256"',
    ],
    [
      instance('', 'virtual_ipaddress { 192.0.2. }'),
      '4:21: must be an address such as 192.0.2.10/24, not "192.0.2."',
    ],
    [instance('state FAULT'), '5:7: state: must be MASTER or BACKUP, not "FAULT"'],
    [instance('priority 0'), '5:10: priority: must be a whole number from 1 to 255, not "0"'],
    [instance('track_script {\ns\n}'), '6:1: there is no vrrp_script "s"'],
    [instance('track_interface {\neth1 wait 3\n}'), '6:6: must be weight, not "wait", after eth1'],
    [instance('unicast_peer {\n::1\n}'), '6:1: ::1 is of another family than the virtual addresses'],
    [`${instance('')}${instance('')}`, '7:15: vrrp_instance: vrrp_instance VI is already given'],
    [
      `${instance('')}${instance('').replace('VI', 'VJ')}`,
      '7:1: the virtual router 51 on eth0 is already given in line 1',
    ],
    ['vrrp_sync_group G {\ngroup {\nVI\n}\n}', '3:1: there is no vrrp_instance "VI"'],
    ['vrrp_script s {\ninterval 1\n}', '1:1: vrrp_script misses its script'],
    ['global_defs {\nlvs_sync_daemon eth0 VI\n}', '2:22: lvs_sync_daemon: there is no vrrp_instance "VI"'],
    [
      'global_defs {\nlvs_sync_daemon eth0 group 10.0.0.1\n}',
      '2:28: lvs_sync_daemon: must be a multicast address, not "10.0.0.1"',
    ],
  ];
  for (const [text, ...errors] of cases)
    it(errors.join('; '), () => assert.deepEqual(errorsOf(text), errors));
});

describe('tracking', () => {
  const blocks = `vrrp_script s {
script "killall -0 sshd"
interval 2
weight -4
fall 2
rise 2
}
vrrp_script r {
script /bin/true
weight 3 reverse
timeout 5
init_fail
user nobody
}
track_file f {
file /run/f
weight 5
}
vrrp_track_process p {
process nginx
weight 7
}
`;
  const track = `track_interface {
eth1 weight 2
eth2 weight -2 reverse
eth3
}
track_script {
s
r
}
track_file {
f weight 1
}
track_process {
p
}`;

  it('has weights of its own, or those of what is tracked', () => {
    assert.deepEqual(first(blocks + instance(track)).tracked, [
      { kind: 'interface', name: 'eth1', weight: 2 },
      { kind: 'interface', name: 'eth2', weight: -2, reverse: true },
      { kind: 'interface', name: 'eth3', weight: 0 },
      { kind: 'script', name: 's' },
      { kind: 'script', name: 'r', reverse: true },
      { kind: 'file', path: '/run/f', weight: 1 },
      { kind: 'process', name: 'nginx', weight: 7 },
    ]);
    const command = { argv: ['killall', '-0', 'sshd'] };
    const rest = { interval: 2000, timeout: 2000, weight: -4, rise: 2, fall: 2, initFail: false };
    assert.deepEqual(parsed(blocks + instance(track)).vrrp?.scripts, [
      { name: 's', command, ...rest },
      {
        name: 'r',
        command: { argv: ['/bin/true'], user: 'nobody' },
        interval: 1000,
        timeout: 5000,
        weight: 3,
        rise: 1,
        fall: 1,
        initFail: true,
      },
    ]);
  });

  it('has no weights in a sync group, unless it is told to', () => {
    const group = (lines: string) =>
      `${blocks}${instance(track)}vrrp_sync_group G {\ngroup { VI }\nnotify_master /bin/m\n${lines}\n}\n`;
    assert.deepEqual(first(group('')).tracked, [
      { kind: 'interface', name: 'eth1', weight: 0 },
      { kind: 'interface', name: 'eth2', weight: 0, reverse: true },
      { kind: 'interface', name: 'eth3', weight: 0 },
      { kind: 'file', path: '/run/f', weight: 0 },
    ]);
    assert.equal(first(group('sync_group_tracking_weight')).tracked.length, 7);
    assert.deepEqual(parsed(group('track_interface {\neth5\n}')).vrrp?.groups, [
      {
        name: 'G',
        instances: ['VI'],
        tracked: [{ kind: 'interface', name: 'eth5', weight: 0 }],
        notify: { master: { argv: ['/bin/m'] } },
      },
    ]);
  });
});

describe('pipes, delays and synchronisation', () => {
  it('tells of VRRP where notify_fifo and vrrp_notify_fifo say it', () => {
    const { vrrp, notify } = parsed(
      `global_defs {\nnotify_fifo /run/all\nvrrp_notify_fifo /run/vrrp\nlvs_notify_fifo /run/lvs\nvrrp_startup_delay 2.5\n}\n${instance('')}`,
    );
    assert.deepEqual(vrrp?.fifos, [{ path: '/run/all' }, { path: '/run/vrrp' }]);
    assert.deepEqual(notify.fifos, [{ path: '/run/all' }, { path: '/run/lvs' }]);
    assert.equal(vrrp?.startupDelay, 2500);
  });

  it('synchronises as lvs_sync_daemon says', () => {
    const sync = (words: string) =>
      parsed(`global_defs {\nlvs_sync_daemon ${words}\n}\n${instance('')}`).sync;
    assert.deepEqual(sync('eth1 VI'), [{ role: { follow: 'VI' }, interface: 'eth1', syncId: 51 }]);
    assert.deepEqual(sync('eth1 inst VI id 3 maxlen 1400 port 8849 ttl 2 group 224.0.0.82'), [
      {
        role: { follow: 'VI' },
        interface: 'eth1',
        syncId: 3,
        maxLength: 1400,
        group: '224.0.0.82',
        port: 8849,
        ttl: 2,
      },
    ]);
    assert.deepEqual(sync('eth1'), [
      { role: 'master', interface: 'eth1', syncId: 0 },
      { role: 'backup', interface: 'eth1', syncId: 0 },
    ]);
    assert.deepEqual(parsed(instance('lvs_sync_daemon_interface eth1')).sync, [
      { role: { follow: 'VI' }, interface: 'eth1', syncId: 51 },
    ]);
    assert.ok(!('sync' in parsed(instance(''))));
    assert.ok(!('vrrp' in parsed('')));
  });
});

describe('all of it', () => {
  it('is the same as the vipr.yaml that says it', () => {
    const text = `global_defs {\nlvs_sync_daemon eth1 VI port 8849\nvrrp_notify_fifo /run/v\n}\n${instance('state MASTER\nnotify "/bin/n \'a b\'"\nuse_vmac')}`;
    const config = parsed(text);
    const read = parseConfig(formatConfig(config), 'f');
    assert.deepEqual([read.vrrp, read.sync], [config.vrrp, config.sync]);
  });
});
