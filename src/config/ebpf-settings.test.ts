import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigInvalidError } from './config-problem.ts';
import { parseConfig } from './load-config.ts';

test('the settings of the eBPF engine are read, and absent where the file does not give them', () => {
  assert.deepEqual(parseConfig('services: []', 'vipr.yaml').ebpf, {});
  assert.deepEqual(parseConfig('ebpf:', 'vipr.yaml').ebpf, {});
  const text = `ebpf:
  attach: xdp
  interfaces: [eth0, "wan*"]
  connections: 4096
  services: 16
  destinations: 32
  sysctl: { expire_nodest_conn: 1, drop_entry: 3, sync_threshold: 3 10, sync_refresh_period: 10 }
  marks:
    - { mark: 1, protocol: tcp, address: 192.0.2.10, ports: 8000-8099 }
    - { mark: 2, address: "2001:db8::/32", ports: 53 }
    - { mark: 3, address: 0.0.0.0/0 }
`;
  assert.deepEqual(parseConfig(text, 'vipr.yaml').ebpf, {
    attach: 'xdp',
    interfaces: ['eth0', 'wan*'],
    connections: 4096,
    services: 16,
    destinations: 32,
    sysctls: { expire_nodest_conn: 1, drop_entry: 3, sync_threshold: [3, 10], sync_refresh_period: 10 },
    marks: [
      { mark: 1, protocol: 'tcp', address: '192.0.2.10', prefixLength: 32, firstPort: 8000, lastPort: 8099 },
      { mark: 2, address: '2001:db8::', prefixLength: 32, firstPort: 53, lastPort: 53 },
      { mark: 3, address: '0.0.0.0', prefixLength: 0, firstPort: 0, lastPort: 65535 },
    ],
  });
});

test('the threshold of synchronisation is two numbers as the kernel writes them, or the first alone', () => {
  const threshold = (text: string) =>
    parseConfig(`ebpf: { sysctl: { sync_threshold: ${text} } }`, 'vipr.yaml').ebpf?.sysctls?.sync_threshold;
  assert.deepEqual(threshold('3 50'), [3, 50]);
  assert.deepEqual(threshold('"0\\t1"'), [0, 1]);
  assert.deepEqual(threshold('7'), [7, 50]);
  assert.deepEqual(threshold('90 0'), [90, 0]);
});

test('mistakes in them are found where they are', () => {
  const cases = [
    ['attach: native', /vipr\.yaml:2:11: ebpf\.attach: must be auto, xdp or tc/],
    ['interface: eth0', /vipr\.yaml:2:3: ebpf\.interface: is not a key here; did you mean interfaces\?/],
    ['interfaces: eth0', /2:15: ebpf\.interfaces: must be a list/],
    ['connections: 10', /2:16: ebpf\.connections: must be a whole number from 1024 to 134217728/],
    [
      'sysctl: { drop_entry: 4 }',
      /2:25: ebpf\.sysctl\.drop_entry: must be a whole number from 0 to 3, not 4/,
    ],
    [
      'sysctl: { dropentry: 1 }',
      /2:13: ebpf\.sysctl\.dropentry: is not a key here; did you mean drop_entry\?/,
    ],
    ...['50', '50 50', '3 -1', '3 50 1', 'three', '3.5', '[3, 50]'].map(
      (value) =>
        [
          `sysctl: { sync_threshold: ${value} }`,
          /2:29: ebpf\.sysctl\.sync_threshold: must be two numbers such as "3 50"/,
        ] as const,
    ),
    ['marks: [{ mark: 0, address: 192.0.2.1 }]', /2:19: ebpf\.marks\[0\]\.mark: must be a firewall mark/],
    ['marks: [{ mark: 1 }]', /ebpf\.marks\[0\]\.address: is missing/],
    [
      'marks: [{ mark: 1, address: 192.0.2.1/33 }]',
      /ebpf\.marks\[0\]\.address: must be an address or a network/,
    ],
    [
      'marks: [{ mark: 1, address: 192.0.2.1, ports: 90-80 }]',
      /ebpf\.marks\[0\]\.ports: must be a port such as 80/,
    ],
    [
      'marks: [{ mark: 1, address: 192.0.2.1, ports: 65536 }]',
      /ebpf\.marks\[0\]\.ports: must be a port such as 80/,
    ],
  ] as const;
  for (const [line, expected] of cases) {
    assert.throws(
      () => parseConfig(`ebpf:\n  ${line}\n`, 'vipr.yaml'),
      (error) => {
        assert.ok(error instanceof ConfigInvalidError);
        assert.match(error.message, expected);
        return true;
      },
    );
  }
});
