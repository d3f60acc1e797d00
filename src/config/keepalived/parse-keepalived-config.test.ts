import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../model/check.ts';
import type { DestinationKey } from '../../model/destination.ts';
import { type ServiceKey, serviceKey } from '../../model/service.ts';
import type { Config } from '../config.ts';
import { formatProblem } from '../config-problem.ts';
import { fakeEnvironment, parsed, warningsOf } from './fake-environment.ts';

/** A virtual server with one real server, whose block holds `server`. */
function web(server: string, service = '', address = '192.0.2.10 80'): string {
  return `virtual_server ${address} {\nprotocol TCP\n${service}\nreal_server 10.0.0.1 80 {\n${server}\n}\n}\n`;
}

function monitoring(config: Config, service = 'tcp 192.0.2.10:80') {
  const found = config.monitoring.get(service as ServiceKey);
  assert.ok(found, `no ${service} in ${[...config.monitoring.keys()].join()}`);
  return found;
}

function checksOf(text: string, service?: string, destination = '10.0.0.1:80'): readonly Check[] {
  const found = monitoring(parsed(text), service).destinations.get(destination as DestinationKey);
  assert.ok(found);
  return found.checks;
}

function check(text: string): Check {
  const [first, ...others] = checksOf(text);
  assert.ok(first);
  assert.equal(others.length, 0);
  return first;
}

describe('services', () => {
  it('have the defaults of keepalived', () => {
    const [service] = parsed('virtual_server 192.0.2.10 80 {\nreal_server 10.0.0.1 {\n}\n}').table.services;
    assert.deepEqual(service, {
      id: { kind: 'address', protocol: 'udp', address: '192.0.2.10', port: 80 },
      scheduler: 'wlc',
      schedulerFlags: { flag1: false, flag2: false, flag3: false },
      onePacket: false,
      persistenceNetmask: '255.255.255.255',
      destinations: [
        {
          address: '10.0.0.1',
          port: 80,
          forwarding: 'masquerade',
          tunnel: { type: 'ipip', port: 0, checksum: 'none' },
          weight: 1,
          upperThreshold: 0,
          lowerThreshold: 0,
        },
      ],
    });
  });

  it('have all that can be said', () => {
    const text = `global_defs {
      lvs_timeouts tcp 900 udp 30
    }
    virtual_server 2001:db8::10 443 {
      lvs_sched mh
      mh-port
      mh-fallback
      flag-3
      lvs_method TUN type gue port 6080 remcsum
      persistence_timeout 50
      persistence_granularity 64
      persistence_engine sip
      protocol udp
      ops
      real_server 10.0.0.1 443 {
        weight 7
        uthreshold 100
        lthreshold 50
      }
      real_server 2001:db8::1 443 {
        lvs_method DR
      }
    }`;
    const { table } = parsed(text);
    assert.deepEqual(table, {
      timeouts: { tcp: 900, tcpfin: 0, udp: 30 },
      services: [
        {
          id: { kind: 'address', protocol: 'udp', address: '2001:db8::10', port: 443 },
          scheduler: 'mh',
          schedulerFlags: { flag1: true, flag2: true, flag3: true },
          onePacket: true,
          persistenceTimeout: 50,
          persistenceNetmask: 64,
          persistenceEngine: 'sip',
          destinations: [
            {
              address: '2001:db8::1',
              port: 443,
              forwarding: 'direct',
              tunnel: { type: 'ipip', port: 0, checksum: 'none' },
              weight: 1,
              upperThreshold: 0,
              lowerThreshold: 0,
            },
            {
              address: '10.0.0.1',
              port: 443,
              forwarding: 'tunnel',
              tunnel: { type: 'gue', port: 6080, checksum: 'remote' },
              weight: 7,
              upperThreshold: 100,
              lowerThreshold: 50,
            },
          ],
        },
      ],
    });
  });

  const persistence: readonly (readonly [string, number | undefined, string])[] = [
    ['', undefined, '255.255.255.255'],
    ['persistence_timeout', 360, '255.255.255.255'],
    ['persistence_timeout 5', 5, '255.255.255.255'],
    ['persistence_granularity 255.255.0.0', 360, '255.255.0.0'],
  ];
  for (const [text, timeout, netmask] of persistence) {
    it(`are persistent with "${text}": ${timeout}, ${netmask}`, () => {
      const [service] = parsed(web('', text)).table.services;
      assert.equal(service?.persistenceTimeout, timeout);
      assert.equal(service?.persistenceNetmask, netmask);
    });
  }

  it('on all ports become persistent', () => {
    const text = web('', '', '192.0.2.10');
    assert.equal(parsed(text).table.services[0]?.persistenceTimeout, 360);
    assert.match(warningsOf(text).join(), /1:1: virtual_server without a port takes all ports/);
  });

  const marks: readonly (readonly [text: string, key: string])[] = [
    ['real_server 10.0.0.1 {\n}', 'fwmark 3 inet'],
    ['real_server 2001:db8::1 {\n}', 'fwmark 3 inet6'],
    ['lvs_method TUN\nreal_server 2001:db8::1 {\n}', 'fwmark 3 inet6'],
    ['lvs_method TUN\nreal_server 2001:db8::1 {\n}\nreal_server 10.0.0.1 {\n}', 'fwmark 3 inet'],
    ['lvs_method TUN\nip_family inet6\nreal_server 10.0.0.1 {\n}', 'fwmark 3 inet6'],
    ['lvs_method TUN\npersistence_granularity 64\nreal_server 10.0.0.1 {\n}', 'fwmark 3 inet6'],
    ['lvs_method TUN\nsorry_server 10.0.0.9\nreal_server 2001:db8::1 {\n}', 'fwmark 3 inet'],
  ];
  for (const [text, key] of marks) {
    it(`for a mark have the family of their servers: ${JSON.stringify(text)}`, () => {
      const [service] = parsed(`virtual_server fwmark 3 {\n${text}\n}`).table.services;
      assert.equal(service && serviceKey(service.id), key);
    });
  }

  it('of a group are one for each address, marks last, with scripts of the first alone', () => {
    const config = parsed(`virtual_server_group G {
        fwmark 5
        192.0.2.1 80
        192.0.2.250-192.0.3.1 81
        192.0.2.8/31 82
        2001:db8::a-c 83
        192.0.2.3-4
      }
      virtual_server group G {
        protocol TCP
        persistence_timeout 10
        quorum_up /bin/up
        lvs_method TUN
        real_server 10.0.0.1 {
          notify_up /bin/up
          TCP_CHECK {
          }
        }
      }`);
    assert.deepEqual(
      [...config.monitoring.keys()],
      [
        'tcp 192.0.2.1:80',
        ...['192.0.2.250', '192.0.2.251', '192.0.2.252', '192.0.2.253', '192.0.2.254', '192.0.2.255'].map(
          (address) => `tcp ${address}:81`,
        ),
        'tcp 192.0.3.0:81',
        'tcp 192.0.3.1:81',
        'tcp 192.0.2.8:82',
        'tcp 192.0.2.9:82',
        'tcp [2001:db8::a]:83',
        'tcp [2001:db8::b]:83',
        'tcp [2001:db8::c]:83',
        'tcp 192.0.2.3:0',
        'tcp 192.0.2.4:0',
        'fwmark 5 inet',
      ],
    );
    const all = [...config.monitoring.values()];
    assert.deepEqual(all.map(({ quorumUp }) => quorumUp !== undefined).lastIndexOf(true), 0);
    const servers = all.flatMap(({ destinations }) => [...destinations]);
    assert.deepEqual(
      servers.map(([key]) => key),
      ['80', ...Array(8).fill('81'), '82', '82', '83', '83', '83', '0', '0', '0'].map(
        (port) => `10.0.0.1:${port}`,
      ),
    );
    assert.equal(
      servers.findLastIndex(([, { notifyUp }]) => notifyUp !== undefined),
      0,
    );
    assert.ok(servers.every(([, { checks }]) => checks.length === 1));
  });

  it('without real servers are left out', () => {
    const text = 'virtual_server 192.0.2.10 80 {\nprotocol TCP\n}';
    assert.deepEqual(parsed(text).table.services, []);
    assert.match(warningsOf(text).join(), /^1:1: virtual_server has no real servers/);
  });
});

describe('ports of servers', () => {
  const cases: readonly (readonly [
    service: string,
    server: string,
    destination: string,
    checked: number | undefined,
  ])[] = [
    ['192.0.2.10 80', '10.0.0.1', '10.0.0.1:80', undefined],
    ['192.0.2.10 80', '10.0.0.1 0', '10.0.0.1:80', undefined],
    ['192.0.2.10 80', '10.0.0.1 8080', '10.0.0.1:8080', undefined],
    ['fwmark 1', '10.0.0.1 8080', '10.0.0.1:8080', undefined],
    ['fwmark 1', '10.0.0.1', '10.0.0.1:0', undefined],
    ['192.0.2.10 80', '10.0.0.1 8080 DR', '10.0.0.1:80', 8080],
    ['192.0.2.10 80', '10.0.0.1 80 DR', '10.0.0.1:80', undefined],
    ['fwmark 1', '10.0.0.1 80 DR', '10.0.0.1:0', 80],
  ];
  for (const [service, server, destination, checked] of cases) {
    it(`${server} behind ${service} is ${destination}`, () => {
      const [ip, port = '', method = 'NAT'] = server.split(' ');
      const text = `virtual_server ${service} {\nprotocol TCP\nreal_server ${ip} ${port} {\nlvs_method ${method}\nTCP_CHECK {\n}\nMISC_CHECK {\nmisc_path /bin/true\n}\nSMTP_CHECK {\nhost {\n}\n}\n}\n}`;
      const [found] = [...parsed(text).monitoring.values()].flatMap(({ destinations }) => [...destinations]);
      assert.equal(found?.[0], destination);
      const [tcp, misc, smtp] = found?.[1].checks ?? [];
      assert.equal(tcp?.endpoint.port, checked);
      assert.deepEqual(misc?.endpoint, {});
      assert.equal(smtp?.endpoint.port, checked);
    });
  }

  it('that make two servers one are told', () => {
    const text =
      'virtual_server 192.0.2.10 80 {\nprotocol TCP\nlvs_method DR\nreal_server 10.0.0.1 80 {\n}\nreal_server 10.0.0.1 81 {\n}\n}';
    assert.equal(parsed(text).table.services[0]?.destinations.length, 1);
    assert.deepEqual(warningsOf(text), [
      "6:1: port 81 has no effect in the table, as only NAT changes ports: it has the service's, 80",
      '6:1: 10.0.0.1:80 is already given in line 4, which counts',
    ]);
  });
});

describe('timing of checks', () => {
  const DEFAULTS = {
    interval: 60_000,
    timeout: 5000,
    retry: 1,
    retryDelay: 1000,
    warmup: 60_000,
    rise: 1,
    fall: 1,
    alpha: false,
    logAllFailures: false,
  };
  const http = 'HTTP_GET {\nurl {\npath /\n}\n}';
  const misc = 'MISC_CHECK {\nmisc_path /bin/true\n}';

  it('has the defaults of keepalived', () => {
    assert.deepEqual(check(web('TCP_CHECK {\n}')).timing, DEFAULTS);
    assert.deepEqual(check(web(http)).timing, { ...DEFAULTS, retryDelay: 3000 });
    assert.deepEqual(check(web('DNS_CHECK {\n}')).timing, { ...DEFAULTS, retry: 3, retryDelay: 60_000 });
    assert.deepEqual(check(web(misc)).timing, { ...DEFAULTS, retry: 0, timeout: 60_000 });
  });

  it('comes from the virtual server', () => {
    const service = 'delay_loop 6\nconnect_timeout 3\nretry 4\ndelay_before_retry 0.5\nwarmup 0\nalpha';
    const timing = {
      ...DEFAULTS,
      interval: 6000,
      timeout: 3000,
      retry: 4,
      retryDelay: 500,
      warmup: 0,
      alpha: true,
    };
    assert.deepEqual(check(web('TCP_CHECK {\n}', service)).timing, timing);
    assert.deepEqual(check(web(http, service)).timing, timing);
    assert.deepEqual(check(web('DNS_CHECK {\n}', service)).timing, timing);
    assert.deepEqual(check(web(misc, service)).timing, { ...timing, timeout: 6000 });
  });

  it('is followed by warmup and by the retries of DNS where only delay_loop is given', () => {
    const { timing } = check(web('DNS_CHECK {\ndelay_loop 2.0000004\n}'));
    assert.deepEqual([timing.interval, timing.warmup, timing.retryDelay], [2000, 2000, 2000]);
  });

  it('comes from the real server before the virtual one, and from the checker before both', () => {
    const service = 'delay_loop 6\nconnect_timeout 3\nretry 4\ndelay_before_retry 5\nwarmup 6\nalpha';
    const server = 'delay_loop 7\nconnect_timeout 8\nretry 9\ndelay_before_retry 10\nwarmup 11\nalpha off';
    const own =
      'delay_loop 12\nconnect_timeout 13\nretry 0\ndelay_before_retry 0\nwarmup 1\nalpha on\nlog_all_failures';
    assert.deepEqual(check(web(`${server}\nTCP_CHECK {\n}`, service)).timing, {
      ...DEFAULTS,
      interval: 7000,
      timeout: 8000,
      retry: 9,
      retryDelay: 10_000,
      warmup: 11_000,
    });
    assert.deepEqual(check(web(`${server}\nTCP_CHECK {\n${own}\n}`, service)).timing, {
      interval: 12_000,
      timeout: 13_000,
      retry: 0,
      retryDelay: 0,
      warmup: 1000,
      rise: 1,
      fall: 1,
      alpha: true,
      logAllFailures: true,
    });
  });

  it('refuses scripts that others can change where global_defs says it', () => {
    const securityOf = (global: string) => parsed(`global_defs {\n${global}\n}\n`).scriptSecurity;
    assert.equal(securityOf('enable_script_security'), 'refuse');
    assert.equal(securityOf('script_user root'), 'warn');
  });

  it('logs all failures where global_defs says it', () => {
    const global = 'global_defs {\nchecker_log_all_failures\n}\n';
    assert.equal(check(global + web('TCP_CHECK {\n}')).timing.logAllFailures, true);
    assert.equal(check(global + web('TCP_CHECK {\nlog_all_failures no\n}')).timing.logAllFailures, false);
  });

  it('of scripts has misc_timeout, else the delay_loop of the virtual server', () => {
    const timeout = (server: string, service = '') => check(web(server, service)).timing.timeout;
    assert.equal(timeout('MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 3\n}'), 3000);
    assert.equal(
      timeout('MISC_CHECK {\nmisc_path /bin/true\nmisc_timeout 0\ndelay_loop 9\n}', 'delay_loop 4'),
      4000,
    );
  });
});

describe('probes', () => {
  const probes: readonly (readonly [text: string, probe: Check['probe']])[] = [
    ['TCP_CHECK {\n}', { kind: 'tcp' }],
    ['PING_CHECK {\n}', { kind: 'ping' }],
    ['DNS_CHECK {\n}', { kind: 'dns', type: 'SOA', name: '.' }],
    [
      'DNS_CHECK {\ntype aaaa\nname www.example.org\n}',
      { kind: 'dns', type: 'AAAA', name: 'www.example.org' },
    ],
    ['SMTP_CHECK {\n}', { kind: 'smtp', heloName: 'smtpchecker.keepalived.org', endpoints: [] }],
    ['SMTP_CHECK {\nhelo_name "a.example"\n}', { kind: 'smtp', heloName: 'a.example', endpoints: [] }],
    [
      'UDP_CHECK {\n}',
      { kind: 'udp', payload: new Uint8Array(), requireReply: false, minReplyLength: 0, maxReplyLength: 255 },
    ],
    [
      'UDP_CHECK {\npayload Ab12f 3 456\nrequire_reply 00 xX\nmin_reply_length 2\nmax_reply_length 9\n}',
      {
        kind: 'udp',
        payload: Uint8Array.of(0xab, 0x12, 0xf, 3, 0x45, 6),
        requireReply: true,
        minReplyLength: 2,
        maxReplyLength: 9,
      },
    ],
    [
      `MISC_CHECK {\nmisc_path "/bin/check 'a b' c"\nmisc_dynamic\nuser nobody :nogroup\n}`,
      {
        kind: 'misc',
        command: { argv: ['/bin/check', 'a b', 'c'], user: 'nobody', group: 'nogroup' },
        dynamic: true,
      },
    ],
    ['HTTP_GET {\nurl {\npath /\n}\n}', http([{ path: '/', method: 'GET', status: [] }])],
    [
      'HTTP_GET {\nhttp_protocol 1.1\nvirtualhost a.example\nurl {\npath /x?y=1\nstatus_code 200-299 404\nstatus_code 500\n}\nurl {\npath /z\nvirtualhost b.example\ndigest 640205B7B0FC66C1EA91C463FAC6334D\n}\n}',
      http(
        [
          {
            path: '/x?y=1',
            method: 'GET',
            virtualHost: 'a.example',
            status: [
              [200, 299],
              [404, 404],
              [500, 500],
            ],
          },
          {
            path: '/z',
            method: 'GET',
            virtualHost: 'b.example',
            status: [],
            digest: { algorithm: 'md5', value: '640205b7b0fc66c1ea91c463fac6334d' },
          },
        ],
        { version: '1.1' },
      ),
    ],
    [
      'SSL_GET {\nurl {\npath /\nvirtualhost a.example\n}\n}',
      http([{ path: '/', method: 'GET', virtualHost: 'a.example', status: [] }], { tls: { verify: false } }),
    ],
    [
      'SSL_GET {\nenable_sni\nurl {\npath /\nvirtualhost a.example\n}\n}',
      http([{ path: '/', method: 'GET', virtualHost: 'a.example', status: [] }], {
        tls: { serverName: 'a.example', verify: false },
      }),
    ],
    [
      'SSL_GET {\nsni_name b.example\nurl {\npath /\nvirtualhost a.example\n}\n}',
      http([{ path: '/', method: 'GET', virtualHost: 'a.example', status: [] }], {
        tls: { serverName: 'b.example', verify: false },
      }),
    ],
    [
      'HTTP_GET {\nurl {\npath /\nregex "a b"\nregex_options caseless\nregex_no_match\nregex_min_offset 5\nregex_max_offset 9\n}\n}',
      http([
        {
          path: '/',
          method: 'GET',
          status: [],
          body: { pattern: /a b/i, absent: true, minOffset: 5, maxOffset: 9 },
        },
      ]),
    ],
  ];
  for (const [text, probe] of probes) {
    it(JSON.stringify(text), () => assert.deepEqual(check(web(text)).probe, probe));
  }

  const hosts =
    'host {\nconnect_ip 10.0.0.5\nconnect_port 26\nconnect_timeout 7\n}\nhost {\nbindto 10.0.0.6\nretry 9\n}';
  const smtp = (text: string) =>
    checksOf(web(`SMTP_CHECK {\n${text}\n}`, 'connect_timeout 3')).map(({ probe, endpoint, timing }) => {
      assert.deepEqual(probe, { kind: 'smtp', heloName: 'smtpchecker.keepalived.org', endpoints: [] });
      return [endpoint, timing.timeout, timing.retry];
    });

  it('of SMTP_CHECK with hosts are one for each', () => {
    assert.deepEqual(smtp(hosts), [
      [{ address: '10.0.0.5', port: 26 }, 7000, 9],
      [{ sourceAddress: '10.0.0.6' }, 3000, 9],
    ]);
  });

  it('of SMTP_CHECK with hosts are one more for the server where the checker connects, too', () => {
    assert.deepEqual(smtp(`connect_timeout 4\n${hosts}`), [
      [{}, 4000, 9],
      [{ address: '10.0.0.5', port: 26 }, 7000, 9],
      [{ sourceAddress: '10.0.0.6' }, 3000, 9],
    ]);
  });

  it('of SSL_GET with several names are checks of their own', () => {
    const text =
      'SSL_GET {\nenable_sni\nurl {\npath /1\nvirtualhost a\n}\nurl {\npath /2\nvirtualhost b\n}\nurl {\npath /3\nvirtualhost a\n}\n}';
    const found = checksOf(web(text)).map(({ probe }) =>
      probe.kind === 'http' ? [probe.tls?.serverName, ...probe.requests.map(({ path }) => path)] : [],
    );
    assert.deepEqual(found, [
      ['a', '/1', '/3'],
      ['b', '/2'],
    ]);
  });

  it('inherit the virtual host from the real server, and that from the virtual server', () => {
    const host = (server: string, service: string) => {
      const { probe } = check(web(`${server}\nHTTP_GET {\nurl {\npath /\n}\n}`, service));
      return probe.kind === 'http' ? probe.requests[0]?.virtualHost : undefined;
    };
    assert.equal(host('', 'virtualhost v'), 'v');
    assert.equal(host('virtualhost r', 'virtualhost v'), 'r');
  });

  it('of files have the path and the weight of their track_file', () => {
    const files = 'track_file f {\nfile /run/f\nweight 3 reverse\n}\nvrrp_track_file g {\nfile /run/g\n}\n';
    const probe = (text: string) => check(files + web(`FILE_CHECK {\n${text}\n}`)).probe;
    assert.deepEqual(probe('track_file f'), { kind: 'file', path: '/run/f', factor: -3 });
    assert.deepEqual(probe('track_file g'), { kind: 'file', path: '/run/g', factor: 1 });
    assert.deepEqual(probe('track_file g\nweight 0'), { kind: 'file', path: '/run/g', factor: 0 });
    assert.deepEqual(probe('track_file g\nweight -5'), { kind: 'file', path: '/run/g', factor: -5 });
  });

  it('connect to and from where they are told', () => {
    const text =
      'TCP_CHECK {\nconnect_ip 10.0.0.7\nconnect_port 8080\nbindto 10.0.0.8\nbind_port 5000\nbind_if eth0\nfwmark 9\n}';
    assert.deepEqual(check(web(text)).endpoint, {
      address: '10.0.0.7',
      port: 8080,
      sourceAddress: '10.0.0.8',
      sourcePort: 5000,
      interface: 'eth0',
      mark: 9,
    });
  });

  it('of BFD_CHECK are none', () => {
    const text = web('BFD_CHECK {\nname b\n}');
    assert.deepEqual(checksOf(text), []);
    assert.match(warningsOf(text).join(), /BFD_CHECK is not done: vipr does not speak BFD/);
  });
});

function http(
  requests: Extract<Check['probe'], { readonly kind: 'http' }>['requests'],
  more: Partial<Extract<Check['probe'], { readonly kind: 'http' }>> = {},
): Check['probe'] {
  return { kind: 'http', version: '1.0', requests, ...more };
}

describe('monitoring', () => {
  it('has quorum, hysteresis, alpha, omega, scripts and a sorry server', () => {
    const service = `alpha
      omega
      quorum 2
      hysteresis 1
      quorum_up "/bin/q 'up there'" nobody
      quorum_down /bin/q nobody nogroup
      sorry_server 10.0.0.9 8080
      sorry_server_inhibit
      sorry_server_lvs_method NAT
      inhibit_on_failure
      weight 4`;
    const text = web(
      'weight 3\nnotify_up "/bin/n up"\nnotify_down /bin/n\nMISC_CHECK {\nmisc_path /bin/m\n}',
      service,
    );
    const { destinations, ...rest } = monitoring(parsed(text));
    assert.deepEqual(rest, {
      quorum: 2,
      hysteresis: 1,
      alpha: true,
      omega: true,
      quorumUp: { argv: ['/bin/q', 'up there'], user: 'nobody' },
      quorumDown: { argv: ['/bin/q'], user: 'nobody', group: 'nogroup' },
      sorryServer: {
        destination: {
          address: '10.0.0.9',
          port: 8080,
          forwarding: 'masquerade',
          tunnel: { type: 'ipip', port: 0, checksum: 'none' },
          weight: 1,
          upperThreshold: 0,
          lowerThreshold: 0,
        },
        inhibit: true,
      },
    });
    assert.deepEqual(
      [...destinations],
      [
        [
          '10.0.0.1:80',
          {
            checks: checksOf(text),
            inhibitOnFailure: true,
            connectionsOnFailure: 'purge',
            slowStart: 0,
            notifyUp: { argv: ['/bin/n', 'up'] },
            notifyDown: { argv: ['/bin/n'] },
          },
        ],
      ],
    );
    assert.equal(parsed(web('', service)).table.services[0]?.destinations[0]?.weight, 4);
  });

  const starts: readonly (readonly [service: string, server: string, lost: boolean])[] = [
    ['', 'TCP_CHECK {\n}', false],
    ['alpha', 'TCP_CHECK {\n}', true],
    ['alpha', '', false],
    ['alpha', 'alpha off\nTCP_CHECK {\n}', false],
    ['', 'alpha\nTCP_CHECK {\n}', true],
    ['', 'TCP_CHECK {\nalpha\n}\nTCP_CHECK {\n}', true],
    ['alpha', 'TCP_CHECK {\nalpha no\n}', false],
    ['quorum 2\nhysteresis 1', 'weight 2', true],
    ['quorum 2\nhysteresis 1', 'weight 3', false],
  ];
  for (const [service, server, lost] of starts) {
    it(`starts ${lost ? 'without' : 'with'} its quorum: ${JSON.stringify([service, server])}`, () => {
      assert.equal(monitoring(parsed(web(server, service))).alpha, lost);
    });
  }

  it('has a quorum that can be reached, and a hysteresis below it', () => {
    const text = web('weight 2', 'quorum 5\nhysteresis 2');
    const { quorum, hysteresis } = monitoring(parsed(text));
    assert.deepEqual([quorum, hysteresis], [2, 1]);
    assert.deepEqual(warningsOf(text), [
      '3:1: a quorum of 5 is above all weights together: it becomes 2',
      '4:1: a hysteresis of 2 is not below the quorum, 2: it becomes 1',
    ]);
  });

  it('runs scripts as script_user, else as keepalived_script where that is there', () => {
    const text = web('notify_up /bin/n');
    const user = (config: Config) =>
      monitoring(config).destinations.get('10.0.0.1:80' as DestinationKey)?.notifyUp?.user;
    assert.equal(user(parsed(text)), undefined);
    assert.equal(user(parsed(text, fakeEnvironment({}, { userExists: () => true }))), 'keepalived_script');
    assert.equal(user(parsed(`global_defs {\nscript_user nobody\n}\n${text}`)), 'nobody');
  });

  it('tells of users that are not there', () => {
    assert.match(
      warningsOf(web('notify_up /bin/n somebody')).join(),
      /there is no user "somebody" on this host/,
    );
  });
});

describe('FIFOs', () => {
  it('have readers', () => {
    const { notify } = parsed(
      'global_defs {\nlvs_notify_fifo /run/lvs\nlvs_notify_fifo_script "/bin/r a" nobody\nnotify_fifo /run/all\n}',
    );
    assert.deepEqual(notify, {
      fifos: [{ path: '/run/all' }, { path: '/run/lvs', reader: { argv: ['/bin/r', 'a'], user: 'nobody' } }],
    });
  });
});

describe('the source', () => {
  const text = `virtual_server_group G {
  192.0.2.1-2 80
}
virtual_server group G {
  protocol TCP
  lb_algo rr
  persistence_engine sip
  real_server 10.0.0.1 80 {
  }
  real_server 10.0.0.2 80 {
    lvs_method DR
  }
}
global_defs {
  lvs_timeouts tcp 5
}
`;
  const cases: readonly (readonly [path: readonly (string | number)[], place: string])[] = [
    [['services', 1], '4:16'],
    [['services', 1, 'service'], '4:16'],
    [['services', 0, 'scheduler'], '6:3'],
    [['services', 0, 'persistence', 'engine'], '7:3'],
    [['services', 1, 'destinations', 1, 'method'], '11:5'],
    [['services', 1, 'destinations', 0, 'method'], '8:3'],
    [['services', 1, 'destinations', 1, 'address'], '10:3'],
    [['timeouts'], '15:3'],
    [['engine'], '1:1'],
  ];
  for (const [path, place] of cases) {
    it(`knows ${path.join('.')}`, () => {
      assert.equal(formatProblem(parsed(text).source.problem(path, 'x')), `keepalived.conf:${place}: x`);
    });
  }
});

describe('warnings', () => {
  it('come in the order of the file, once for a block', () => {
    const text = `garp_group {
  interfaces {
    eth0
    eth1
  }
}
${web('smtp_alert\nsnmp_name x')}global_defs {
  router_id a
  notification_email {
    a@example.org
  }
}
`;
    assert.deepEqual(
      warningsOf(text).map((warning) => warning.replace(/ is not done:.*/, '')),
      [
        '1:1: garp_group',
        '11:1: smtp_alert',
        '12:1: snmp_name',
        '16:3: router_id',
        '17:3: notification_email',
      ],
    );
  });
});
