import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SETTING_SLOPPY_SCTP } from '../../src/engines/ebpf/layout.gen.ts';
import { type ListedConnection, SCTP_STATE_NAMES } from './harness/connection-list.ts';
import { forceState } from './harness/forced-state.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { type ChunkName, chunks } from './harness/traffic.ts';

const CODES: readonly string[] = [
  ...['NO', 'I1', 'IN', 'CS', 'CR', 'CW', 'CO', 'CE', 'ES', 'SS', 'SR', 'SA', 'RJ', 'CL'],
];

/** Facts 3.7, seconds by state. */
const TIMEOUT = [2, 4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61];

const INITIAL = 'NO,I1,IN';
const without = (...codes: string[]) => CODES.filter((code) => !codes.includes(code)).join(',');

/**
 * Facts 3.7: by first chunk, for packets of the client, of the server, and of the client of a connection of whose server no packet was
 * seen. What is not listed keeps the state.
 */
const TRANSITIONS: readonly (readonly [ChunkName, client: string, server: string, alone: string])[] = [
  ['data', 'NO→ES', 'NO→ES', 'NO,CW→ES'],
  ['init', 'NO→I1; I1,RJ,CL→IN', `${without('ES', 'CW')}→CW`, 'NO→I1; I1,CS,CR,CW,RJ,CL→IN'],
  ['init-ack', `${INITIAL}→CW; CW→CO`, `${INITIAL}→CS`, `${INITIAL},CS,CR,CW→CE`],
  ['cookie-echo', 'NO,CS→CR; I1→IN', `${INITIAL},CS,CR,CW,CO→CE`, `${INITIAL},CS,CR,CW→ES`],
  ['cookie-ack', 'NO,CE→ES', `${INITIAL},CS,CR,CW,CO,CE→ES`, 'NO,CS,CR,CO,CE→ES'],
  ['shutdown', 'NO,ES→SR', `${INITIAL},CS,CR,CW,CO,CE,ES→SS`, 'NO,ES→SR'],
  ['shutdown-ack', 'NO,SS,SA→CL; I1→IN', `${INITIAL},CS,CR,SS,SR→SA`, 'NO,ES,SS,SA→CL; I1→IN'],
  ['shutdown-complete', `${INITIAL},SA→CL`, 'NO→CL', `${INITIAL},CS,CR,SR,SA→CL`],
  ['error', 'NO,CE→CL', `${INITIAL},CS,CR→CL`, 'NO→CL'],
  ['abort', `CW→RJ; ${without('CW')}→CL`, `I1→RJ; ${without('I1')}→CL`, `CW→RJ; ${without('CW')}→CL`],
  // These count as data.
  ...(['sack', 'heartbeat', 'heartbeat-ack', 'ecn-echo', 'cwr'] as const).map(
    (name) => [name, 'NO→ES', 'NO→ES', 'NO,CW→ES'] as const,
  ),
];

describe('SCTP states', { skip: whyNoLab }, () => {
  let lab: Lab;
  let port = 30000;
  before(async () => {
    lab = new Lab();
    await lab.configure(`
      -A --sctp-service 192.0.2.10:80 -s rr
      -a --sctp-service 192.0.2.10:80 -r 10.2.0.11:80 -m
      -A --sctp-service 192.0.2.10:81 -s rr
      -a --sctp-service 192.0.2.10:81 -r 10.2.0.12:81 -g`);
  });
  after(() => lab?.close());

  for (const [name, ...directions] of TRANSITIONS) {
    test(`${name}: the state after it, from every state and direction (facts 3.7)`, () => {
      lab.set({});
      const client = `10.1.0.2:${++port}`;
      chunks(lab, `${client} > 192.0.2.10:80`, ['init']);
      // An INIT on an association that is over must not open a new one.
      lab.set({ connReuseMode: 0 });
      for (const [index, text] of directions.entries()) {
        const server = index === 1;
        for (const from of CODES) {
          force(only(client), from, index === 2);
          if (server) chunks(lab, `10.2.0.11:80 > ${client}`, [name], { on: 'servers' });
          else chunks(lab, `${client} > 192.0.2.10:80`, [name]);
          assertState(client, nextOf(text, from), `${from}, ${['client', 'server', 'client alone'][index]}`);
        }
      }
      lab.expire(1000);
    });
  }

  for (const first of ['cookie-echo', 'cookie-ack'] as const) {
    test(`${first} with an ABORT behind it counts as ABORT (facts 3.7)`, () => {
      lab.set({});
      const client = `10.1.0.2:${++port}`;
      chunks(lab, `${client} > 192.0.2.10:80`, ['init']);
      force(only(client), 'CE', false);
      chunks(lab, `${client} > 192.0.2.10:80`, [first, 'abort']);
      assertState(client, 'CL', first);
      lab.expire(1000);
    });
  }

  test('an association by direct routing, the client alone (facts 3.7)', () => {
    lab.set({});
    const client = `10.1.0.2:${++port}`;
    const states = (['init', 'cookie-echo', 'data', 'shutdown', 'shutdown-complete'] as const).map((name) => {
      chunks(lab, `${client} > 192.0.2.10:81`, [name]);
      return only(client).state;
    });
    assert.deepEqual(states, ['INIT1', 'ESTABLISHED', 'ESTABLISHED', 'S-RECEIVED', 'CLOSED']);
  });

  test('INIT opens an association, with sloppy_sctp all but ABORT do (facts 3.4)', () => {
    lab.set({});
    for (const name of ['data', 'cookie-echo', 'init-ack', 'abort'] as const) {
      const client = `10.1.0.2:${++port}`;
      assert.equal(chunks(lab, `${client} > 192.0.2.10:81`, [name]).action, 'pass', name);
      assert.equal(lab.find(client), undefined);
    }
    lab.set({ flags: SETTING_SLOPPY_SCTP });
    const alone = ['data', 'cookie-echo', 'abort'].map((name) => {
      const client = `10.1.0.2:${++port}`;
      chunks(lab, `${client} > 192.0.2.10:81`, [name as ChunkName]);
      return lab.find(client)?.state;
    });
    assert.deepEqual(alone, ['ESTABLISHED', 'ESTABLISHED', undefined]);
  });

  function only(client: string): ListedConnection {
    const found = lab.find(client);
    assert.ok(found, `no connection of ${client}`);
    return found;
  }

  function force(connection: ListedConnection, code: string, noOutput: boolean): void {
    forceState(lab, connection, { state: CODES.indexOf(code), noOutput, active: code === 'ES' });
  }

  function assertState(client: string, code: string, what: string): void {
    const state = CODES.indexOf(code);
    const connection = only(client);
    assert.equal(connection.state, SCTP_STATE_NAMES[state], what);
    assert.equal(connection.timeout, TIMEOUT[state], what);
    const { active, inactive } = lab.live('10.2.0.11:80');
    assert.deepEqual([active, inactive], code === 'ES' ? [1, 0] : [0, 1], what);
  }
});

/** The code after `from` by a cell of the table. */
function nextOf(text: string, from: string): string {
  for (const part of text.split('; ')) {
    const [codes = '', to = ''] = part.split('→');
    if (codes.split(',').includes(from)) return to;
  }
  return from;
}
