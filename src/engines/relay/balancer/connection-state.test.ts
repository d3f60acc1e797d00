import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Timeouts } from '../../../model/table.ts';
import type { Seconds } from '../../../model/unit.ts';
import { isActiveState, State, stateName, stateTimeout } from './connection-state.ts';

const timeouts: Timeouts = { tcp: 901 as Seconds, tcpfin: 122 as Seconds, udp: 303 as Seconds };

/** ip_vs_proto_tcp.c: tcp_state_name_table, tcp_timeouts (less the settable ones), tcp_state_active_table. */
const EXPECTED = [
  ['synRecv', 'SYN_RECV', 60, true],
  ['established', 'ESTABLISHED', 901, true],
  ['finWait', 'FIN_WAIT', 122, false],
  ['timeWait', 'TIME_WAIT', 120, false],
  ['close', 'CLOSE', 10, false],
  ['closeWait', 'CLOSE_WAIT', 60, false],
  ['udp', 'UDP', 303, false],
] as const;

describe('connection states', () => {
  for (const [state, name, timeout, active] of EXPECTED) {
    test(`${name}: ${timeout} s, ${active ? 'active' : 'inactive'}`, () => {
      assert.equal(stateName(State[state]), name);
      assert.equal(stateTimeout(State[state], timeouts), timeout);
      assert.equal(isActiveState(State[state]), active);
    });
  }

  test('templates are NONE or ASSURED, and bring their own timeout', () => {
    assert.equal(stateName(State.none), 'NONE');
    assert.equal(stateName(State.assured), 'ASSURED');
    assert.throws(() => stateTimeout(State.none, timeouts), RangeError);
  });

  test('every state has a name', () => {
    for (const state of Object.values(State)) assert.match(stateName(state), /^[A-Z_]+$/);
  });
});
