import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { TOTAL_CONNECTIONS_ADDED, TOTAL_CONNECTIONS_REMOVED } from '../../src/engines/ebpf/layout.gen.ts';
import { tcp } from '../packet/packet.ts';
import { drain } from './harness/drain.ts';
import { flow, frame } from './harness/flow.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { arrivalOf, raceRuns } from './harness/race.ts';
import type { RaceRun } from './harness/race-worker.ts';
import { putContext, type ToldConnection } from './harness/sync-put.ts';

const CLIENTS = 200;
const ROUNDS = 8;
const ONE = '10.2.0.11:80';
const OTHER = '10.2.0.12:80';
const TIME_WAIT = { state: 5, inactive: true, timeout: 120 } as const;

/** Packets arrive on one processor while the director puts the same connections on another. */
describe('connections are put while their packets arrive', { skip: whyNoLab }, () => {
  let lab: Lab;
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  async function open(options: string): Promise<void> {
    lab = new Lab();
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr ${options}
      -a -t 192.0.2.10:80 -r ${ONE} -m
      -a -t 192.0.2.10:80 -r ${OTHER} -m`);
  }

  const textOf = (client: number) => `10.1.${client >> 8}.${client & 255}:7001 > 192.0.2.10:80`;

  function arrival(client: number, bits: readonly ('syn' | 'ack' | 'fin' | 'rst')[]): RaceRun {
    const segment = tcp({ source: 7001, destination: 80, flags: bits });
    return arrivalOf(lab, frame(flow(textOf(client)), segment, lab.network.clients.mac));
  }

  function putting(text: string, server: string, connection: ToldConnection = {}): RaceRun {
    const program = lab.plane.program('vipr_sync_put').fd;
    return { program, context: putContext(lab, text, server, connection) };
  }

  /** For each client some rounds of a packet and a put at the same time. */
  async function collide(
    pair: (client: number, round: number) => readonly [RaceRun, RaceRun],
  ): Promise<void> {
    const pairs = Array.from({ length: CLIENTS * ROUNDS }, (_, nth) =>
      pair(Math.floor(nth / ROUNDS), nth % ROUNDS),
    );
    await raceRuns([pairs.map(([packet]) => packet), pairs.map(([, put]) => put)]);
  }

  /** Counts are those of the entries, and each entry has its reply entry. */
  function assertWhole(): void {
    const connections = lab.connections().filter(({ template }) => !template);
    assert.equal(connections.length, CLIENTS);
    assert.deepEqual(
      connections.map(({ client, server }) => `${client} < ${server} = 192.0.2.10:80`).sort(),
      lab.replies(),
    );
    for (const server of [ONE, OTHER]) {
      const own = connections.filter((each) => each.server === server);
      const inactive = own.filter((each) => each.inactive).length;
      const templates = lab.templates().filter((each) => each.server === server).length;
      assert.deepEqual(
        lab.live(server),
        { active: own.length - inactive, inactive, persistent: templates, overloaded: false },
        server,
      );
    }
    const entries = lab.total(TOTAL_CONNECTIONS_ADDED) - lab.total(TOTAL_CONNECTIONS_REMOVED);
    assert.equal(entries, lab.connections().length);
  }

  test('the same state to and fro: the counts move with whoever wins', async () => {
    await open('');
    await collide((client, round) => [
      arrival(client, [['syn'], ['ack'], ['fin', 'ack'], ['rst']][round % 4] as ['syn']),
      putting(textOf(client), ONE, round % 2 === 0 ? {} : TIME_WAIT),
    ]);
    assertWhole();
  });

  test('to another server each time: the entry and its replies go together', async () => {
    await open('');
    await collide((client, round) => [
      arrival(client, round === 0 ? ['syn'] : ['ack']),
      putting(textOf(client), round % 2 === 0 ? ONE : OTHER),
    ]);
    assertWhole();
  });

  test('templates that are led elsewhere while their clients arrive', async () => {
    await open('-p 300');
    await collide((client, round) => {
      const template = textOf(client).replace(':7001', ':0');
      const told = { template: true, state: 0, inactive: true, timeout: 300 } as const;
      return [arrival(client, ['syn']), putting(template, round % 2 === 0 ? ONE : OTHER, told)];
    });
    assertWhole();
    assert.equal(lab.templates().length, CLIENTS);
  });
});
