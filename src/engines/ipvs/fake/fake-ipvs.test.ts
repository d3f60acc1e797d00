import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { IPVSADM_EXCHANGES, RECORDED_ANSWERS } from '../../../../test/vectors/ipvs-messages.ts';
import { bytesOf } from '../../../netlink/byte-range.ts';
import type { GenericNetlink } from '../../../netlink/generic-netlink.ts';
import { NetlinkError } from '../../../netlink/netlink-error.ts';
import type { NetlinkWriter } from '../../../netlink/netlink-writer.ts';
import { HostEnvironment } from '../../table/environment.ts';
import { FakeIpvs } from './fake-ipvs.ts';

/*
 * The fake answers as Linux 6.12 did: the same requests, made here attribute by attribute, in the same order, with the errno
 * that the kernel gave to each. Left out is what the model behind the fake cannot hold: other protocols than TCP, UDP and
 * SCTP, and forwarding methods without a name.
 */

type Body = (writer: NetlinkWriter) => void;

interface ServiceParts {
  readonly af?: number | undefined;
  readonly proto?: number | undefined;
  readonly addr?: string | undefined;
  readonly port?: number | undefined;
  readonly fwmark?: number;
  readonly sched?: string | undefined;
  readonly flags?: readonly number[] | undefined;
  readonly tmo?: number | undefined;
  readonly mask?: number | undefined;
  readonly pe?: string;
}

const IDENTITY = { af: 2, proto: 6, addr: 'c000020a', port: 80 };
const FULL = { sched: 'rr', flags: [0, 0xffffffff], tmo: 0, mask: 0xffffffff };
const INET6 = { af: 10, addr: '20010db8000000000000000000000001' };

function service(parts: ServiceParts = {}): Body {
  const { af, proto, addr, port, fwmark, sched, flags, tmo, mask, pe } = { ...IDENTITY, ...FULL, ...parts };
  return (writer) =>
    writer.nest(1, (nest) => {
      if (af !== undefined) nest.u16(1, af);
      if (fwmark !== undefined) nest.u32(5, fwmark);
      else {
        if (proto !== undefined) nest.u16(2, proto);
        if (addr !== undefined) nest.bytes(3, Buffer.from(addr.padEnd(32, '0'), 'hex'));
        if (port !== undefined) nest.be16(4, port);
      }
      if (sched !== undefined) nest.string(6, sched);
      if (pe !== undefined) nest.string(11, pe);
      if (flags !== undefined) nest.bytes(7, new Uint8Array(Uint32Array.from(flags).buffer));
      if (tmo !== undefined) nest.u32(8, tmo);
      if (mask !== undefined) nest.u32(9, mask);
    });
}

function identity(parts: ServiceParts = {}): Body {
  return service({ sched: undefined, flags: undefined, tmo: undefined, mask: undefined, ...parts });
}

interface DestinationParts {
  readonly addr?: string | undefined;
  readonly port?: number | undefined;
  readonly fwd?: number | undefined;
  readonly w?: number | undefined;
  readonly u?: number | undefined;
  readonly l?: number | undefined;
  readonly af?: number;
  readonly tt?: number;
  readonly tp?: number;
}

function destination(parts: DestinationParts = {}, of: ServiceParts = {}): Body {
  const { addr, port, fwd, w, u, l, af, tt, tp } = {
    addr: '0a00000b',
    port: 80,
    fwd: 0,
    w: 1,
    u: 0,
    l: 0,
    ...parts,
  };
  return (writer) => {
    identity(of)(writer);
    writer.nest(2, (nest) => {
      if (addr !== undefined) nest.bytes(1, Buffer.from(addr.padEnd(32, '0'), 'hex'));
      if (port !== undefined) nest.be16(2, port);
      if (fwd !== undefined) nest.u32(3, fwd);
      if (w !== undefined) nest.i32(4, w);
      if (u !== undefined) nest.u32(5, u);
      if (l !== undefined) nest.u32(6, l);
      if (af !== undefined) nest.u16(11, af);
      if (tt !== undefined) nest.u8(13, tt);
      if (tp !== undefined) nest.be16(14, tp);
    });
  };
}

interface DaemonParts {
  readonly st?: number | undefined;
  readonly ifn?: string | undefined;
  readonly sid?: number | undefined;
  readonly ml?: number;
  readonly g?: string;
  readonly g6?: string;
  readonly p?: number;
  readonly ttl?: number;
}

function daemon(parts: DaemonParts = {}): Body {
  const { st, ifn, sid, ml, g, g6, p, ttl } = { st: 1, ifn: 'lo', sid: 0, ...parts };
  return (writer) =>
    writer.nest(3, (nest) => {
      if (st !== undefined) nest.u32(1, st);
      if (ifn !== undefined) nest.string(2, ifn);
      if (sid !== undefined) nest.u32(3, sid);
      if (ml !== undefined) nest.u16(4, ml);
      if (g !== undefined) nest.bytes(5, Buffer.from(g, 'hex'));
      if (g6 !== undefined) nest.bytes(6, Buffer.from(g6, 'hex'));
      if (p !== undefined) nest.u16(7, p);
      if (ttl !== undefined) nest.u8(8, ttl);
    });
}

type Case = readonly [title: string, command: number, body: Body | undefined, outcome: string];

const SERVICES: readonly Case[] = [
  ['plain', 1, service(), 'ok'],
  ['duplicate', 1, service(), 'EEXIST'],
  ['no service attr', 1, undefined, 'EINVAL'],
  ...(['af', 'proto', 'addr', 'port', 'sched', 'flags', 'tmo', 'mask'] as const).map(
    (part): Case => [`without ${part}`, 1, service({ port: 81, [part]: undefined }), 'EINVAL'],
  ),
  ['af 3', 1, service({ af: 3, port: 81 }), 'EAFNOSUPPORT'],
  ['unknown scheduler', 1, service({ port: 81, sched: 'nosuch' }), 'ENOENT'],
  ['15-char scheduler name', 1, service({ port: 81, sched: 'a'.repeat(15) }), 'ENOENT'],
  ['16-char scheduler name', 1, service({ port: 81, sched: 'a'.repeat(16) }), 'EINVAL'],
  ['empty scheduler name', 1, service({ port: 81, sched: '' }), 'ENOENT'],
  ['unknown pe', 1, service({ port: 81, pe: 'nosuch' }), 'ENOENT'],
  ['16-char pe', 1, service({ port: 81, pe: 'a'.repeat(16) }), 'ENOENT'],
  ['17-char pe', 1, service({ port: 81, pe: 'a'.repeat(17) }), 'EINVAL'],
  ['empty pe', 1, service({ port: 81, pe: '' }), 'ok'],
  ['port 0 non-persistent', 1, service({ port: 0 }), 'ok'],
  ['fwmark 0 only', 1, service({ fwmark: 0 }), 'ok'],
  ['fwmark 7', 1, service({ fwmark: 7 }), 'ok'],
  ['fwmark 7 again', 1, service({ fwmark: 7 }), 'EEXIST'],
  ['fwmark 7 af6', 1, service({ af: 10, fwmark: 7, mask: 128 }), 'ok'],
  ['v6 mask 0', 1, service({ ...INET6, mask: 0 }), 'EINVAL'],
  ['v6 mask 129', 1, service({ ...INET6, mask: 129 }), 'EINVAL'],
  ['v6 mask 64', 1, service({ ...INET6, mask: 64 }), 'ok'],
  ['addr attr 20 bytes', 1, service({ addr: '01'.repeat(20), port: 84 }), 'EINVAL'],
  ['flags attr 4 bytes', 1, service({ port: 85, flags: [1] }), 'ok'],
  ['unknown extra attr 99 top level', 1, both(service({ port: 88 }), (writer) => writer.u32(99, 1)), 'ok'],
  [
    'flags word 0xffffffff mask all',
    1,
    service({ port: 91, flags: [0xffffffff, 0xffffffff], tmo: 60 }),
    'ok',
  ],
  ['persistent, timeout 0', 1, service({ port: 92, flags: [1, 0xffffffff] }), 'ok'],
  ['ops flag on tcp', 1, service({ port: 94, flags: [4, 0xffffffff] }), 'ok'],
  ['set missing', 2, service({ port: 999 }), 'ESRCH'],
  ['set unknown scheduler', 2, service({ sched: 'nosuch' }), 'ENOENT'],
  ['change rr->wlc, mask 0 keeps flags', 2, service({ sched: 'wlc', flags: [0xffffffff, 0] }), 'ok'],
  ['set not full', 2, identity(), 'EINVAL'],
  ['delete missing', 3, identity({ port: 999 }), 'ESRCH'],
  ['get missing', 4, identity({ port: 999 }), 'ESRCH'],
  ['get no attr', 4, undefined, 'EINVAL'],
];

const V6 = 'fd00000000000000000000000000000b';

const DESTINATIONS: readonly Case[] = [
  ['plain', 5, destination(), 'ok'],
  ['duplicate', 5, destination(), 'EEXIST'],
  ['no service', 5, (writer) => writer.nest(2, (nest) => nest.be16(2, 80)), 'EINVAL'],
  ['missing service', 5, destination({ port: 1 }, { port: 999 }), 'ESRCH'],
  ['no dest', 5, identity(), 'EINVAL'],
  ...(['addr', 'port', 'fwd', 'w', 'u', 'l'] as const).map(
    (part): Case => [`without ${part}`, 5, destination({ port: 81, [part]: undefined }), 'EINVAL'],
  ),
  ['weight -1', 5, destination({ port: 82, w: -1 }), 'ERANGE'],
  ['weight 0x7fffffff', 5, destination({ port: 82, w: 0x7fffffff }), 'ok'],
  ['l>u', 5, destination({ port: 83, u: 1, l: 2 }), 'ERANGE'],
  ['multicast', 5, destination({ addr: 'e0000001' }), 'EINVAL'],
  ['broadcast', 5, destination({ addr: 'ffffffff' }), 'EINVAL'],
  ['0.0.0.0', 5, destination({ addr: '00000000' }), 'EINVAL'],
  ['unroutable address', 5, destination({ addr: 'cb007109' }), 'ok'],
  ['v6 link-local', 5, destination({ addr: 'fe80000000000000000000000000000b' }, INET6), 'EINVAL'],
  ['v6 multicast', 5, destination({ addr: 'ff020000000000000000000000000001' }, INET6), 'EINVAL'],
  ['v6 unspecified', 5, destination({ addr: '' }, INET6), 'EINVAL'],
  ['v6 no af attr', 5, destination({ addr: V6 }, INET6), 'ok'],
  ['fwd 1 (localnode)', 5, destination({ port: 84, fwd: 1 }), 'ok'],
  ['fwd 4 (bypass)', 5, destination({ port: 85, fwd: 4 }), 'ok'],
  ['fwd 0x2003 (extra bits masked)', 5, destination({ port: 87, fwd: 0x2003 }), 'ok'],
  ['af 10 in v4 service, masq', 5, destination({ addr: V6, af: 10 }), 'EINVAL'],
  ['af 10 in v4 service, tunnel', 5, destination({ addr: V6, af: 10, fwd: 2 }), 'ok'],
  ['af 3', 5, destination({ af: 3 }), 'EAFNOSUPPORT'],
  ['daemon while mixed families', 9, daemon(), 'EINVAL'],
  ['delete mixed af', 7, destination({ addr: V6, af: 10 }), 'ok'],
  ['gue port 0', 5, destination({ port: 88, fwd: 2, tt: 1, tp: 0 }), 'EINVAL'],
  ['gue no port', 5, destination({ port: 88, fwd: 2, tt: 1 }), 'EINVAL'],
  ['gue port 6080', 5, destination({ port: 88, fwd: 2, tt: 1, tp: 6080 }), 'ok'],
  ['gre on masq', 5, destination({ port: 90, tt: 2 }), 'ok'],
  ['set missing', 6, destination({ port: 999 }), 'ENOENT'],
  ['set not full', 6, destination({ fwd: undefined }), 'EINVAL'],
  ['set weight 0', 6, destination({ w: 0 }), 'ok'],
  ['set l>u', 6, destination({ u: 1, l: 3 }), 'ERANGE'],
  ['delete missing', 7, destination({ port: 999 }), 'ENOENT'],
  ['delete', 7, destination({ port: 82 }), 'ok'],
  ['list without dump', 8, identity(), 'EOPNOTSUPP'],
];

const REST: readonly Case[] = [
  ['config tcp 60', 12, (writer) => writer.u32(4, 60), 'ok'],
  ['config none', 12, undefined, 'ok'],
  ['config tcp -1', 12, (writer) => writer.i32(4, -1), 'EINVAL'],
  ['config tcp INT_MAX/250', 12, (writer) => writer.u32(4, 8589934), 'ok'],
  ['config tcp more', 12, (writer) => writer.u32(4, 8589935), 'EINVAL'],
  ['config tcp u16', 12, (writer) => writer.u16(4, 5), 'ERANGE'],
  ['SET_INFO', 14, undefined, 'EOPNOTSUPP'],
  ['zero all', 16, undefined, 'ok'],
  ['zero one', 16, identity(), 'ok'],
  ['zero missing', 16, identity({ port: 999 }), 'ESRCH'],
  ['cmd 0', 0, undefined, 'EOPNOTSUPP'],
  ['cmd 18', 18, undefined, 'EOPNOTSUPP'],
  ['cmd 99', 99, undefined, 'EOPNOTSUPP'],
  ['daemons without dump', 11, undefined, 'EOPNOTSUPP'],
  ['daemon no attr', 9, undefined, 'EINVAL'],
  ...(['st', 'ifn', 'sid'] as const).map(
    (part): Case => [`daemon without ${part}`, 9, daemon({ [part]: undefined }), 'EINVAL'],
  ),
  ['daemon state 0', 9, daemon({ st: 0 }), 'EINVAL'],
  ['daemon state 3', 9, daemon({ st: 3 }), 'EINVAL'],
  ['daemon no such interface', 9, daemon({ ifn: 'nosuch0' }), 'ENODEV'],
  ['daemon interface name 16 chars', 9, daemon({ ifn: 'a'.repeat(16) }), 'EINVAL'],
  ['daemon empty interface', 9, daemon({ ifn: '' }), 'ENODEV'],
  ['daemon unicast group', 9, daemon({ g: '0a000001' }), 'EINVAL'],
  ['daemon unicast group6', 9, daemon({ g6: 'fd000000000000000000000000000001' }), 'EINVAL'],
  ['stop none running (master)', 10, daemon(), 'ESRCH'],
  ['stop state 0', 10, daemon({ st: 0 }), 'EINVAL'],
  ['stop no state', 10, daemon({ st: undefined }), 'EINVAL'],
  ['master on lo', 9, daemon({ sid: 300 }), 'ok'],
  ['master again', 9, daemon(), 'EEXIST'],
  [
    'backup on eth9',
    9,
    daemon({ st: 2, ifn: 'eth9', sid: 7, ml: 100, g: 'ef010203', p: 9000, ttl: 5 }),
    'ok',
  ],
  ['mixed af while daemon runs', 5, destination({ addr: V6, af: 10, fwd: 2 }), 'EINVAL'],
  ['flush', 17, undefined, 'ok'],
  ['flush again', 17, undefined, 'ok'],
];

describe('the fake kernel gives the errnos of the real one', () => {
  const { modules } = new FakeIpvs({ environment: environment() });
  const netlink = modules.openNetlink();
  for (const [topic, cases] of Object.entries({
    services: SERVICES,
    destinations: DESTINATIONS,
    rest: REST,
  })) {
    test(topic, async () => {
      for (const [title, command, body, outcome] of cases) {
        assert.equal(await outcomeOf(netlink, command, body), outcome, `${topic}: ${title}`);
      }
    });
  }
});

describe('the fake kernel gives the answers of the real one', () => {
  test('byte for byte', async () => {
    const { modules } = new FakeIpvs({ environment: environment() });
    const netlink = modules.openNetlink();
    const answers = (command: number, body?: Body, dump = false) => answersOf(netlink, command, body, dump);
    assert.deepEqual(await answers(15), [RECORDED_ANSWERS.info]);
    assert.deepEqual(await answers(13), [RECORDED_ANSWERS.config]);
    assert.deepEqual(await answers(4, undefined, true), []);
    assert.equal(await outcomeOf(netlink, 1, service()), 'ok');
    assert.deepEqual(await answers(4, undefined, true), IPVSADM_EXCHANGES[0]?.answers);
    assert.equal(await outcomeOf(netlink, 2, service({ sched: 'wlc' })), 'ok');
    assert.deepEqual(await answers(4, identity()), [RECORDED_ANSWERS.service]);
    assert.equal(await outcomeOf(netlink, 9, daemon({ sid: 300 })), 'ok');
    const backup = daemon({ st: 2, ifn: 'eth9', sid: 7, ml: 100, g: 'ef010203', p: 9000, ttl: 5 });
    assert.equal(await outcomeOf(netlink, 9, backup), 'ok');
    assert.deepEqual(await answers(11, undefined, true), [RECORDED_ANSWERS.master, RECORDED_ANSWERS.backup]);
    assert.equal(await outcomeOf(netlink, 10, daemon()), 'ok');
    const inet6 = daemon({ ifn: 'eth9', g6: 'ff020000000000000000000000000051', ml: 65535 });
    assert.equal(await outcomeOf(netlink, 9, inet6), 'ok');
    assert.deepEqual((await answers(11, undefined, true))[0], RECORDED_ANSWERS.inet6Master);
  });

  test('destinations with their counts', async () => {
    const fake = new FakeIpvs({ environment: environment() });
    const netlink = fake.modules.openNetlink();
    await outcomeOf(netlink, 1, service({ port: 21 }));
    await outcomeOf(netlink, 5, destination({ addr: '0a02000b', port: 21 }, { port: 21 }));
    const [live] = fake.table.services()[0]?.destinations ?? [];
    assert.ok(live);
    live.countConnection();
    live.countIn(21, 1160);
    live.countOut(19, 1132);
    for (let n = 0; n < 4; n++) live.bind();
    const [answer = ''] = await answersOf(netlink, 8, identity({ port: 21 }), true);
    const ratesOf32 = RECORDED_ANSWERS.destination.indexOf('0800060000000000');
    assert.equal(answer.slice(0, ratesOf32), RECORDED_ANSWERS.destination.slice(0, ratesOf32));
    assert.equal(answer.length, RECORDED_ANSWERS.destination.length);
    assert.deepEqual(await answersOf(netlink, 8, identity({ port: 999 }), true), []);
    assert.deepEqual(await answersOf(netlink, 8, undefined, true), []);
  });

  test('to who is no administrator', async () => {
    const netlink = new FakeIpvs({ privileged: false }).modules.openNetlink();
    for (const command of [1, 4, 13, 15, 17]) assert.equal(await outcomeOf(netlink, command), 'EPERM');
    await assert.rejects(answersOf(netlink, 4, undefined, true), { code: 'EPERM' });
  });
});

function environment(): HostEnvironment {
  return new HostEnvironment({
    interfaces: new Map([
      ['lo', 65536],
      ['eth9', 1500],
    ]),
  });
}

function both(...bodies: readonly Body[]): Body {
  return (writer) => {
    for (const body of bodies) body(writer);
  };
}

function request(command: number, body: Body | undefined) {
  return {
    name: `${command}`,
    type: 35,
    body: (writer: NetlinkWriter) => {
      writer.header(Uint8Array.of(command, 1, 0, 0));
      body?.(writer);
    },
  };
}

async function outcomeOf(netlink: GenericNetlink, command: number, body?: Body): Promise<string> {
  const [outcome] = await netlink.connection.execute([request(command, body)]);
  return outcome instanceof NetlinkError ? outcome.code : String(outcome ?? 'ok');
}

function answersOf(netlink: GenericNetlink, command: number, body?: Body, dump = false): Promise<string[]> {
  return netlink.connection.get({ ...request(command, body), dump }, ({ payload }) =>
    Buffer.from(bytesOf(payload)).toString('hex'),
  );
}
