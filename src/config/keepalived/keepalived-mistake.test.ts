import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorsOf, warningsOf } from './fake-environment.ts';

/** Mistakes within a virtual server's, a real server's or a checker's block, and what is said of each. */
const SERVICE = 'virtual_server 192.0.2.10 80 {\nprotocol TCP\n';
const SERVER = `${SERVICE}real_server 10.0.0.1 80 {\n`;
const URL = `${SERVER}HTTP_GET {\nurl {\n`;

const inService = (line: string) => `${SERVICE}${line}\nreal_server 10.0.0.1 80 {\n}\n}`;
const inServer = (line: string) => `${SERVER}${line}\n}\n}`;
const inUrl = (line: string) => `${URL}${line}\n${line.startsWith('path') ? '' : 'path /'}\n}\n}\n}\n}`;
const inChecker = (name: string, line: string) => `${SERVER}${name} {\n${line}\n}\n}\n}`;
const inGlobal = (line: string) => `global_defs {\n${line}\n}`;
const inGroup = (line: string) => `virtual_server_group G {\n${line}\n}`;

const mistakes: readonly (readonly [text: string, ...errors: readonly string[]])[] = [
  // Structure.
  ['nosuch', '1:1: nosuch is not a keyword here'],
  [
    'virtul_server 192.0.2.1 80 {\nnosuch {\n}\n}',
    '1:1: virtul_server is not a keyword here; did you mean virtual_server?',
  ],
  [inService('delay_lop 5'), '3:1: delay_lop is not a keyword of virtual_server; did you mean delay_loop?'],
  [
    inServer('TCP_CHEK {\nretry 1\n}'),
    '4:1: TCP_CHEK is not a keyword of real_server; did you mean TCP_CHECK?',
  ],
  [SERVICE, '1:1: the block of virtual_server is not closed: } is missing'],
  [
    SERVER,
    '1:1: the block of virtual_server is not closed: } is missing',
    '3:1: the block of real_server is not closed: } is missing',
  ],
  ['global_defs {\n}\n  }', '3:3: closes a block that was not opened'],
  ['{\n}', '1:1: opens a block, but no keyword that has one stands before it'],
  ['{ { } { } }', '1:1: opens a block, but no keyword that has one stands before it'],
  [
    'global_defs\nrouter_id x',
    '1:1: global_defs misses its block: { … }',
    '2:1: router_id is not a keyword here',
  ],
  [inService('delay_loop 5 {\n}'), '3:14: delay_loop has no block'],
  [
    'virtual_server_group G {\n192.0.2.1 80 {\n}\n}',
    '2:14: the lines of virtual_server_group have no blocks',
  ],
  ['static_routes {\n', '1:1: the block of static_routes is not closed: } is missing'],
  [inService('virtualhost "a'), '3:13: the quote " is not closed'],
  ['"', '1:1: the quote " is not closed'],
  ['static_routes {\n"a\n}', '2:1: the quote " is not closed'],

  // Virtual servers.
  [
    'virtual_server {\nreal_server 10.0.0.1 80 {\n}\n}',
    '1:15: virtual_server misses what it is for: ADDRESS PORT, fwmark NUMBER or group NAME',
  ],
  [
    'virtual_server www.example.org 80 {\nreal_server 10.0.0.1 80 {\n}\n}',
    '1:16: virtual_server: must be an IPv4 or IPv6 address, not "www.example.org": names are not looked up',
  ],
  [
    'virtual_server 192.0.2.1 65536 {\nreal_server 10.0.0.1 80 {\n}\n}',
    '1:26: virtual_server: must be a whole number from 1 to 65535, not "65536"',
  ],
  ['virtual_server fwmark {\nreal_server 10.0.0.1 80 {\n}\n}', '1:16: fwmark misses its number'],
  [
    'virtual_server fwmark 0 {\nreal_server 10.0.0.1 80 {\n}\n}',
    '1:23: virtual_server: must be a whole number from 1 to 4294967295, not "0"',
  ],
  ['virtual_server group {\nreal_server 10.0.0.1 80 {\n}\n}', '1:21: group misses its name'],
  [
    `${inGroup('192.0.2.1 80')}\nvirtual_server group H {\nreal_server 10.0.0.1 80 {\n}\n}`,
    '4:22: there is no virtual_server_group "H"; did you mean G?',
  ],
  [`${inService('')}\n${inService('')}`, '7:1: tcp 192.0.2.10:80 is already given in line 1'],
  [inService('lvs_sched wlcc'), '3:11: lvs_sched: "wlcc" is not a scheduler; did you mean wlc?'],
  [inService('lvs_sched'), '3:10: lvs_sched misses its value'],
  [inService('lvs_method XX'), '3:12: lvs_method: must be NAT, DR or TUN, not "XX"'],
  [inService('lvs_method'), '3:11: lvs_method misses its method: NAT, DR or TUN'],
  [inService('lvs_method TUN type gue'), '3:1: a tunnel of type gue needs a port'],
  [inService('lvs_method TUN type xx'), '3:21: lvs_method: must be ipip, gue or gre, not "xx"'],
  [inService('lvs_method TUN type'), '3:20: type misses its value'],
  [inService('lvs_method TUN port 5'), '3:1: a port is for type gue, not for ipip'],
  [inService('lvs_method TUN csum'), '3:1: a tunnel of type ipip has no checksum'],
  [inService('lvs_method TUN type gre remcsum'), '3:1: a tunnel of type gre has no remcsum'],
  [inService('lvs_method TUN xx'), '3:16: lvs_method: must be type, port, nocsum, csum or remcsum, not "xx"'],
  [
    inService('protocol ICMP').replace('protocol TCP\n', ''),
    '2:10: protocol: must be TCP, UDP or SCTP, not "ICMP"',
  ],
  [inService('ip_family ipv4'), '3:11: ip_family: must be inet or inet6, not "ipv4"'],
  [
    inService('persistence_timeout 0'),
    '3:21: persistence_timeout: must be a whole number from 1 to 2678400, not "0"',
  ],
  [
    inService('persistence_granularity x'),
    '3:25: persistence_granularity: must be an IPv4 netmask such as 255.255.255.0, or an IPv6 prefix length from 1 to 128, not "x"',
  ],
  [
    inService('persistence_granularity 64'),
    '3:25: persistence_granularity: must be a netmask such as 255.255.255.0, because the service is IPv4',
  ],
  [
    inService('persistence_engine a_name_that_is_too_long'),
    '3:20: persistence_engine: must be the name of a persistence engine, of at most 15 characters, not "a_name_that_is_too_long"',
  ],
  [inService('quorum 0'), '3:8: quorum: must be a whole number from 1 to 4294967295, not "0"'],
  [inService('hysteresis x'), '3:12: hysteresis: must be a whole number from 0 to 4294967295, not "x"'],
  [inService('sorry_server'), '3:13: sorry_server misses its address'],
  [
    inService('sorry_server 2001:db8::1'),
    '3:1: the server is IPv6 behind an IPv4 service, which needs lvs_method TUN',
  ],
  [
    inService('delay_loop 0'),
    '3:12: delay_loop: must be a time in seconds, above 0 and up to 2147483, not "0"',
  ],
  [
    inService('delay_loop 3s'),
    '3:12: delay_loop: must be a time in seconds, above 0 and up to 2147483, not "3s"',
  ],
  [inService('warmup -1'), '3:8: warmup: must be a time in seconds, from 0 to 2147483, not "-1"'],
  [inService('retry 0'), '3:7: retry: must be a whole number from 1 to 1000, not "0"'],
  [inService('weight 0'), '3:8: weight: must be a whole number from 1 to 2147483647, not "0"'],
  [
    inService('inhibit_on_failure maybe'),
    '3:20: inhibit_on_failure: must be on, true, yes, off, false or no, not "maybe"',
  ],
  [inService(`quorum_up "/bin/q 'a"`), "3:11: the quote ' is not closed"],
  [inService('quorum_up "/bin/q'), '3:11: the quote " is not closed'],
  [inService('quorum_up'), '3:10: quorum_up misses its program'],
  [inService('quorum_up ""'), '3:11: names no program'],
  [inService('quorum_up "/bin/q\\\\x00"').replace('\\\\', '\\'), '3:11: holds a zero byte'],

  // Real servers.
  [`${SERVICE}real_server {\n}\n}`, '3:12: real_server misses its address'],
  [
    `${SERVICE}real_server 10.0.0 80 {\n}\n}`,
    '3:13: real_server: must be an IPv4 or IPv6 address, not "10.0.0": names are not looked up',
  ],
  [
    `${SERVICE}real_server 10.0.0.1 x {\n}\n}`,
    '3:22: real_server: must be a whole number from 1 to 65535, not "x"',
  ],
  [
    `${SERVICE}real_server 2001:db8::1 80 {\n}\n}`,
    '3:1: the server is IPv6 behind an IPv4 service, which needs lvs_method TUN',
  ],
  [inServer('weight -1'), '4:8: weight: must be a whole number from 0 to 2147483647, not "-1"'],
  [
    inChecker('SMTP_CHECK', 'helo_name "a b"'),
    '5:11: helo_name: must be a name without blanks, of at most 255 characters, not "a b"',
  ],
  [inServer('uthreshold 5\nlthreshold 6'), '5:1: lthreshold 6 is above uthreshold 5'],

  // Checkers.
  [
    inChecker('TCP_CHECK', 'connect_port 0'),
    '5:14: connect_port: must be a whole number from 1 to 65535, not "0"',
  ],
  [
    inChecker('TCP_CHECK', 'connect_ip x'),
    '5:12: connect_ip: must be an IPv4 or IPv6 address, not "x": names are not looked up',
  ],
  [
    inChecker('TCP_CHECK', 'bindto 2001:db8::1'),
    '5:8: bindto: has another address family than 10.0.0.1, to which it connects',
  ],
  [
    inChecker('TCP_CHECK', 'connect_ip fe80::1'),
    '5:12: connect_ip: fe80::1 is valid on one link only, which bind_if has to name',
  ],
  [
    inChecker('TCP_CHECK', 'bind_if a_name_that_is_too_long'),
    '5:9: bind_if: must be the name of an interface, of at most 15 characters, not "a_name_that_is_too_long"',
  ],
  [inChecker('TCP_CHECK', 'connect_timeout'), '5:16: connect_timeout misses its value'],
  [inChecker('HTTP_GET', ''), '4:1: HTTP_GET misses its url'],
  [
    inChecker('HTTP_GET', 'http_protocol 2\nurl {\npath /\n}'),
    '5:15: http_protocol: must be 1.0, 1.0C or 1.1, not "2"',
  ],
  [`${URL}}\n}\n}\n}`, '5:1: url misses its path'],
  [
    inUrl('path index.html'),
    '6:6: path: must begin with / and have neither blanks nor special characters, not "index.html"',
  ],
  [
    inUrl('path "/a b"'),
    '6:6: path: must begin with / and have neither blanks nor special characters, not "/a b"',
  ],
  [inUrl('digest 123'), '6:8: digest: must be the 32 hexadecimal digits of an MD5 digest, not "123"'],
  [
    inUrl('status_code 99'),
    '6:13: status_code: must be a code from 100 to 599, or a range such as 200-299, not "99"',
  ],
  [
    inUrl('status_code 300-200'),
    '6:13: status_code: must be a code from 100 to 599, or a range such as 200-299, not "300-200"',
  ],
  [inUrl('status_code'), '6:12: status_code misses its codes'],
  [inUrl('regex'), '6:6: regex misses its pattern'],
  [inUrl('regex "a++"'), '6:7: "a++" has the possessive quantifier ++, which only PCRE knows'],
  [inUrl('regex a\nregex_options nosuch'), '7:15: "nosuch" is not an option of regular expressions'],
  [
    inUrl('regex a\nregex_options ungreedy'),
    '7:15: ungreedy cannot be translated: write the pattern without it',
  ],
  [
    inUrl('regex a\nregex_min_offset 5\nregex_max_offset 4'),
    '6:1: regex_min_offset 5 is behind regex_max_offset 4',
  ],
  [
    inChecker('DNS_CHECK', 'type PTR'),
    '5:6: type: must be A, NS, CNAME, SOA, MX, TXT, AAAA, RRSIG or DNSKEY, not "PTR"',
  ],
  [inChecker('DNS_CHECK', 'name a..b'), '5:6: "a..b" is not a domain name'],
  [inChecker('UDP_CHECK', 'payload xyz'), '5:9: payload: must be bytes in hexadecimal digits, not "xyz"'],
  [inChecker('UDP_CHECK', 'payload'), '5:8: payload misses its bytes'],
  [
    inChecker('UDP_CHECK', 'min_reply_length 300'),
    '4:1: no reply can have at least 300 and at most 255 bytes',
  ],
  [inChecker('MISC_CHECK', ''), '4:1: MISC_CHECK misses its misc_path'],
  [inChecker('MISC_CHECK', 'misc_path'), '5:10: misc_path misses its program'],
  [inChecker('MISC_CHECK', 'misc_path /bin/a\nuser'), '6:5: user misses the user'],
  [
    inChecker('MISC_CHECK', 'misc_path /bin/a\nmisc_timeout x'),
    '6:14: misc_timeout: must be a whole number from 0 to 4294, not "x"',
  ],
  [inChecker('FILE_CHECK', ''), '4:1: FILE_CHECK misses its track_file'],
  [inChecker('FILE_CHECK', 'track_file f'), '5:12: track_file: there is no track_file "f"'],
  [
    inChecker('FILE_CHECK', 'track_file f\nweight 255'),
    '5:12: track_file: there is no track_file "f"',
    '6:8: weight: must be a whole number from -254 to 254, not "255"',
  ],

  // Groups, files, global settings.
  [inGroup(''), '1:1: the group G has no addresses'],
  ['virtual_server_group {\n192.0.2.1 80\n}', '1:21: virtual_server_group misses its name'],
  [
    `${inGroup('192.0.2.1 80')}\n${inGroup('192.0.2.2 80')}`,
    '4:22: virtual_server_group: the group G is already given',
  ],
  [inGroup('192.0.2.1-1 80'), '2:1: the range ends where it begins'],
  [inGroup('192.0.2.5-3 80'), '2:1: the range ends before it begins'],
  [inGroup('192.0.2.1-256 80'), '2:1: "256" must be the last number of the range'],
  [inGroup('2001:db8::1-g 80'), '2:1: "g" must be the last group, hexadecimal, of the range'],
  [inGroup('192.0.2.9-192.0.2.1 80'), '2:1: the range ends before it begins'],
  [inGroup('192.0.2.9-192.0.300.1 80'), '2:1: "192.0.300.1" is no address that ends a range of IPv4'],
  [inGroup('192.0.2.9/29 80'), '2:1: the address has bits set beyond its prefix'],
  [inGroup('192.0.2.0/33 80'), '2:1: "33" must be a prefix length from 1 to 32'],
  [
    inGroup('2001:db8::/64 80'),
    '2:1: the range has more than 65536 addresses, a service each: use a firewall mark',
  ],
  [inGroup('fwmark 1 ipv4'), '2:10: must be inet or inet6, not "ipv4"'],
  ['track_file {\nfile /a\n}', '1:11: track_file misses its name'],
  ['track_file f {\n}', '1:1: the track_file f misses its file'],
  [
    'track_file f {\nfile /a\n}\ntrack_file f {\nfile /b\n}',
    '4:12: track_file: the track_file f is already given',
  ],
  ['track_file f {\nfile /a\nweight 1 back\n}', '3:10: weight: must be reverse or noreverse, not "back"'],
  [inGlobal('lvs_timeouts'), '2:13: lvs_timeouts misses a timeout: tcp, tcpfin or udp, and seconds'],
  [inGlobal('lvs_timeouts tcp'), '2:17: tcp misses its seconds'],
  [inGlobal('lvs_timeouts sctp 5'), '2:14: must be tcp, tcpfin or udp, not "sctp"'],
  [
    inGlobal('lvs_timeouts tcp 2678401'),
    '2:18: lvs_timeouts: must be a whole number from 0 to 2678400, not "2678401"',
  ],
  [inGlobal('script_user'), '2:12: script_user misses the user'],
  [inGlobal('lvs_notify_fifo'), '2:16: lvs_notify_fifo misses its path'],
  [inGlobal('lvs_notify_fifo /a\nnotify_fifo /a'), '2:17: "/a" is already the other FIFO'],
  [
    inGlobal('include_check all'),
    '2:15: include_check: must be read, match, wildcard_match or brace_match, with + or - before it, not "all"',
  ],
];

describe('mistakes are told with their place', () => {
  for (const [text, ...errors] of mistakes) {
    it(JSON.stringify(text), () => assert.deepEqual(errorsOf(text), errors));
  }

  it('all of them at once', () => {
    const text = inService('delay_loop x\nlvs_sched y\nnosuch\nquorum z');
    assert.equal(errorsOf(text).length, 4);
  });

  it('at most a thousand', () => {
    const text = Array.from({ length: 5000 }, (_, index) => `nosuch${index}`).join('\n');
    assert.equal(errorsOf(text).length, 1000);
  });
});

const warnings: readonly (readonly [text: string, ...warnings: readonly string[]])[] = [
  [
    inService('').replace('protocol TCP', ''),
    '1:1: virtual_server has no protocol: it becomes UDP, as by keepalived',
  ],
  [inService('delay_loop 5\ndelay_loop 6'), '3:1: delay_loop is given again in line 4, which counts'],
  [inService('lb_kind NAT\nlvs_method DR'), '3:1: lb_kind is given again in line 4, which counts'],
  [inServer('notify_up /a\nnotify_up /b'), '5:1: notify_up is given again in line 4, which counts'],
  [inServer('lthreshold 6'), '4:1: lthreshold has no effect without uthreshold'],
  [inChecker('PING_CHECK', 'connect_port 6'), '5:1: connect_port has no effect: PING_CHECK has no ports'],
  [inServer('weight 1 2'), '4:10: "2" has no meaning after weight'],
  [inService('ops'), '3:1: ops has no effect with TCP: one-packet scheduling is for UDP and firewall marks'],
  [inService('sh-port'), '3:1: sh-port has no effect with the scheduler wlc'],
  [inService('lvs_method NAT type gue'), '3:16: "type" has a meaning only after TUN'],
  [inService('sorry_server_inhibit'), '3:1: sorry_server_inhibit has no effect without sorry_server'],
  [
    'virtual_server fwmark 1 {\nprotocol TCP\nreal_server 10.0.0.1 {\n}\n}',
    '2:1: protocol has no effect: a firewall mark stands for any protocol',
  ],
  [inUrl('regex_no_match'), '6:1: regex_no_match has no effect without regex'],
  [inUrl('regex a b'), '6:9: "b" has no meaning after regex: blanks need quotes around the whole'],
  [
    inChecker('HTTP_GET', 'sni_name a\nurl {\npath /\n}'),
    '5:1: a server name is for SSL_GET: HTTP_GET has no TLS',
  ],
  [inChecker('UDP_CHECK', 'require_reply 00'), '5:15: what the reply holds is not compared, only its length'],
  [
    inChecker('MISC_CHECK', 'misc_path /bin/a b'),
    '5:18: "b" has no meaning after misc_path: blanks need quotes around the whole',
  ],
  [
    inGlobal('lvs_notify_fifo /a nobody'),
    '2:20: the owner of a FIFO is not set: it is the one of the director',
  ],
  [
    inGlobal('lvs_notify_fifo_script /a'),
    '2:1: lvs_notify_fifo_script has no effect without lvs_notify_fifo',
  ],
];

describe('what has no effect is told with its place', () => {
  for (const [text, ...expected] of warnings) {
    it(JSON.stringify(text), () => assert.deepEqual(warningsOf(text), expected));
  }
});
