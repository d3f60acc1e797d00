import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SETTING_SECURE_TCP, SETTING_SLOPPY_TCP } from '../../src/engines/ebpf/layout.gen.ts';
import { type ListedConnection, TCP_STATE_NAMES } from './harness/connection-list.ts';
import { forceState } from './harness/forced-state.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { HZ } from './harness/table-maps.ts';
import { segment } from './harness/traffic.ts';

/** Facts 3.5: timeouts in seconds, and which states are active. */
const TIMEOUT = [2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120];
const ACTIVE = new Set(['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'SYNACK']);

const CODES = ['NO', 'ES', 'SS', 'SR', 'FW', 'TW', 'CL', 'CW', 'LA', 'LI', 'SA'] as const;
type Code = (typeof CODES)[number];

/**
 * Facts 3.5: SYN, FIN, ACK, RST from the client; the same from the server; from the client of a connection of whose server no packet
 * was seen.
 */
const TABLE = `
  NO   SR CL ES CL   SS TW ES CL   SR CL ES CL
  ES   ES CW ES CL   ES FW ES CL   ES FW ES CL
  SS   ES SS SS CL   SS SS SS SS   ES SS SS CL
  SR   SR TW ES SR   SR TW ES CL   SR TW ES SR
  FW   SR TW FW CL   SS FW FW CL   SR FW FW CL
  TW   SR TW TW CL   SS TW TW TW   SR TW TW CL
  CL   SR CL CL CL   SS CL CL CL   SR CL CL CL
  CW   SR CW CW CL   SS TW CW CL   SR CW CW CL
  LA   SR LA CL LA   SS LA LA CL   SR LA CL LA
  LI   SR LI LI LI   LI LI ES CL   SR LI LI LI
  SA   SR TW ES SR   SR TW ES CL   SR TW ES CL`;

/** Facts 3.5: what secure_tcp changes of it. */
const SECURE: readonly (readonly [column: number, from: Code, to: Code])[] = [
  [0, 'SA', 'SA'],
  [1, 'SA', 'SA'],
  [2, 'SR', 'SR'],
  [2, 'SA', 'SA'],
  [3, 'SA', 'CL'],
  [4, 'SR', 'SA'],
  [4, 'SA', 'SA'],
  ...(['NO', 'FW', 'TW', 'CL', 'CW', 'LA', 'LI', 'SA'] as const).map((from) => [8, from, 'SA'] as const),
];

const EVENTS = ['S', 'FA', 'A', 'R'];
const DIRECTIONS = ['client', 'server', 'client alone'] as const;

/** golden/26-tcp-states-raw: segments of the client, the state after them, active and inactive connections of this one. */
const DIRECT_SEQUENCES = [
  ['S', 'SYN_RECV'],
  ['S A', 'ESTABLISHED'],
  ['S A FA', 'FIN_WAIT'],
  ['S A FA A', 'FIN_WAIT'],
  ['S A R', 'CLOSE'],
  ['S R', 'SYN_RECV'],
  ['S F', 'TIME_WAIT'],
  ['S S', 'SYN_RECV'],
  ['S A S', 'ESTABLISHED'],
  ['S A FA S', 'SYN_RECV'],
  ['S A R S', 'SYN_RECV'],
  ['SA', 'SYN_RECV'],
  ['S 0', 'CLOSE'],
  ['S A P', 'CLOSE'],
] as const;
const MASQUERADED_SEQUENCES = [
  ['S', 'SYN_RECV'],
  ['S A', 'ESTABLISHED'],
  ['S A FA', 'CLOSE_WAIT'],
  ['S A FA A', 'CLOSE_WAIT'],
  ['S A R', 'CLOSE'],
  ['S R', 'SYN_RECV'],
] as const;
const SECURE_SEQUENCES = [
  ['S', 'SYNACK'],
  ['S A', 'ESTABLISHED'],
  ['S S', 'SYNACK'],
  ['S R', 'CLOSE'],
] as const;
const SLOPPY_SEGMENTS = [
  ['A', 'ESTABLISHED'],
  ['R', undefined],
  ['F', 'CLOSE'],
  ['0', 'CLOSE'],
  ['FA', 'CLOSE'],
] as const;

describe('TCP states', { skip: whyNoLab }, () => {
  let lab: Lab;
  let port = 20000;
  before(async () => {
    lab = new Lab();
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11:80 -m
      -A -t 192.0.2.10:81 -s rr
      -a -t 192.0.2.10:81 -r 10.2.0.12:81 -g`);
  });
  after(() => lab?.close());

  for (const secure of [false, true]) {
    test(`every transition, secure_tcp ${secure ? 'on' : 'off'} (facts 3.5)`, () => {
      const flags = secure ? SETTING_SECURE_TCP : 0;
      lab.set({ flags });
      const request = `10.1.0.2:${++port} > 192.0.2.10:80`;
      const reply = `10.2.0.11:80 > 10.1.0.2:${port}`;
      segment(lab, request, 'S');
      // A SYN on a connection that is over must not open a new one.
      lab.set({ flags, connReuseMode: 0 });
      for (const [from, columns] of rows()) {
        for (const [column, base] of columns.entries()) {
          const to = secure ? secured(from, column, base) : base;
          const direction = DIRECTIONS[Math.floor(column / 4)];
          const bits = EVENTS[column % 4] ?? '';
          force(only(`10.1.0.2:${port}`), from, direction === 'client alone');
          const earliest = lab.plane.jiffies();
          if (direction === 'server') segment(lab, reply, bits, { on: 'servers' });
          else segment(lab, request, bits);
          assertState(`10.1.0.2:${port}`, to, `${from}, ${direction}, ${bits}`, earliest);
        }
      }
    });
  }

  test('a segment without SYN, ACK, FIN and RST closes from whatever state (facts 3.5)', () => {
    const client = `10.1.0.2:${++port}`;
    segment(lab, `${client} > 192.0.2.10:80`, 'S');
    for (const from of CODES) {
      for (const bits of ['', 'P', 'U']) {
        force(only(client), from, false);
        const earliest = lab.plane.jiffies();
        segment(lab, `${client} > 192.0.2.10:80`, bits);
        assertState(client, 'CL', `${from}, ${bits}`, earliest);
      }
    }
  });

  test('of several control bits RST counts before SYN, SYN before FIN, FIN before ACK (facts 3.5)', () => {
    lab.set({ connReuseMode: 0 });
    const client = `10.1.0.2:${++port}`;
    segment(lab, `${client} > 192.0.2.10:80`, 'S');
    for (const [bits, from, to] of [
      ['RSFA', 'ES', 'CL'],
      ['SFA', 'FW', 'SR'],
      ['FA', 'ES', 'CW'],
      ['PA', 'SR', 'ES'],
    ] as const) {
      force(only(client), from, false);
      segment(lab, `${client} > 192.0.2.10:80`, bits);
      assertState(client, to, `${from}, ${bits}`, 0);
    }
  });

  test('the first packet of the server ends the state of a client alone (facts 3.5)', () => {
    lab.set({});
    const client = `10.1.0.2:${++port}`;
    segment(lab, `${client} > 192.0.2.10:81`, 'S');
    assert.equal(only(client).noOutput, true);
    const reply = segment(lab, `192.0.2.10:81 > ${client}`, 'SA', { on: 'servers' });
    assert.notEqual(reply.action, 'drop');
    assert.equal(only(client).noOutput, false);
    segment(lab, `${client} > 192.0.2.10:81`, 'A');
    segment(lab, `${client} > 192.0.2.10:81`, 'FA');
    assert.equal(only(client).state, 'CLOSE_WAIT');
  });

  for (const [name, virtual, settings, sequences] of [
    ['direct routing', '192.0.2.10:81', {}, DIRECT_SEQUENCES],
    ['masquerading', '192.0.2.10:80', {}, MASQUERADED_SEQUENCES],
    ['direct routing, secure_tcp', '192.0.2.10:81', { flags: SETTING_SECURE_TCP }, SECURE_SEQUENCES],
    ['direct routing, sloppy_tcp', '192.0.2.10:81', { flags: SETTING_SLOPPY_TCP }, SLOPPY_SEGMENTS],
  ] as const) {
    test(`segments of the client alone, ${name}: states as recorded (golden/26)`, () => {
      // Both programs in turn for the segments of a connection.
      const programs = ['vipr_ingress', 'vipr_xdp'] as const;
      lab.set(settings);
      for (const [segments, state] of sequences) {
        const client = `10.1.0.2:${++port}`;
        const server = virtual === '192.0.2.10:81' ? '10.2.0.12:81' : '10.2.0.11:80';
        const { active, inactive } = lab.live(server);
        for (const [nth, bits] of segments.split(' ').entries())
          segment(lab, `${client} > ${virtual}`, bits, { program: programs[(port + nth) % 2] ?? 'vipr_xdp' });
        assert.equal(lab.find(client)?.state, state, segments);
        const isActive = state !== undefined && ACTIVE.has(state);
        const counts = lab.live(server);
        assert.equal(counts.active - active, isActive ? 1 : 0, segments);
        assert.equal(counts.inactive - inactive, isActive || state === undefined ? 0 : 1, segments);
      }
    });
  }

  test('what opens no connection passes to the host (facts 3.4, golden/26)', () => {
    lab.set({});
    for (const bits of ['A', 'R', 'F', '', 'SR', 'PA']) {
      const client = `10.1.0.2:${++port}`;
      assert.equal(segment(lab, `${client} > 192.0.2.10:81`, bits).action, 'pass', bits);
      assert.equal(lab.find(client), undefined, bits);
    }
  });

  test('timeouts that are set hold for the next packet (facts 3.5)', async () => {
    await lab.configure('--set 100 20 50');
    const client = `10.1.0.2:${++port}`;
    segment(lab, `${client} > 192.0.2.10:81`, 'S');
    assert.equal(only(client).timeout, 60);
    segment(lab, `${client} > 192.0.2.10:81`, 'A');
    assert.equal(only(client).timeout, 100);
    segment(lab, `${client} > 192.0.2.10:81`, 'FA');
    assert.equal(only(client).timeout, 20);
    await lab.configure('--set 900 120 300');
  });

  function only(client: string): ListedConnection {
    const found = lab.find(client);
    assert.ok(found, `no connection of ${client}`);
    return found;
  }

  function force(connection: ListedConnection, code: Code, noOutput: boolean): void {
    const state = CODES.indexOf(code);
    forceState(lab, connection, { state, noOutput, active: ACTIVE.has(TCP_STATE_NAMES[state] ?? '') });
  }

  /** State, counts and timer after a packet that came not before `earliest`. */
  function assertState(client: string, code: Code, what: string, earliest: number): void {
    const state = CODES.indexOf(code);
    const connection = only(client);
    assert.equal(connection.state, TCP_STATE_NAMES[state], what);
    const active = ACTIVE.has(connection.state);
    assert.equal(connection.inactive, !active, what);
    assert.equal(connection.timeout, TIMEOUT[state], what);
    const { expires, timeout } = connection.record;
    assert.ok(expires >= earliest + timeout && expires <= lab.plane.jiffies() + timeout, `${what}: timer`);
    const counts = lab.live('10.2.0.11:80');
    assert.deepEqual([counts.active, counts.inactive], active ? [1, 0] : [0, 1], what);
    assert.equal(timeout, (TIMEOUT[state] ?? 0) * HZ);
  }
});

function rows(): [from: Code, to: Code[]][] {
  return TABLE.trim()
    .split('\n')
    .map((line) => {
      const [from, ...to] = line.trim().split(/ +/) as [Code, ...Code[]];
      return [from, to];
    });
}

function secured(from: Code, column: number, base: Code): Code {
  return SECURE.find((each) => each[0] === column && each[1] === from)?.[2] ?? base;
}
