/** The table changes while traffic flows. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { wrk } from '../peer/wrk.ts';
import { HeldConnections } from './fixture/held-connections.ts';
import { answering, rulesOfService, startServers } from './fixture/http-servers.ts';
import { listedConnections } from './fixture/listing.ts';
import { onEachAttach, type SuiteOptions } from './fixture/on-each-attach.ts';

const [BUSY_VIP, HELD_VIP, OTHER_VIP] = ['192.0.2.10', '192.0.2.11', '192.0.2.12'] as const;
const { throughDirector: from, pastDirector: PAST } = CLIENT_ADDRESSES.inet;
const OPTIONS: SuiteOptions = {
  skip: labUnavailable('nginx', 'curl', 'wrk', 'bpftool'),
  servers: 2,
  part: 'tc',
  connections: 65_536,
  prepare: (site) => startServers(site),
};

onEachAttach('changes', OPTIONS, (site) => {
  // The other service is not masqueraded: a server would take its connections for those of the busy one, from the same client ports.
  it('services and servers come and go, and traffic does not notice', async () => {
    await site().restore(rulesOfService(BUSY_VIP, '-m'));
    const load = wrk(site().lab.client, `http://${BUSY_VIP}/`, { seconds: 4, close: true });
    for (let round = 0; round < 3; round++) {
      await site().restore([
        ...rulesOfService(OTHER_VIP, '-g'),
        `-e -t ${BUSY_VIP}:80 -r 10.2.0.11:80 -m -w ${round + 2}`,
        `-a -t ${BUSY_VIP}:80 -r 10.2.0.11:8080 -m`,
        `-E -t ${BUSY_VIP}:80 -s ${['wrr', 'lc', 'sh'][round]}`,
      ]);
      assert.deepEqual((await answering(site(), OTHER_VIP, { from: PAST, count: 2 })).toSorted(), [
        'rs1',
        'rs2',
      ]);
      await site().restore([
        `-D -t ${OTHER_VIP}:80`,
        // Connections that it has would fall silent.
        `-e -t ${BUSY_VIP}:80 -r 10.2.0.11:8080 -m -w 0`,
        `-E -t ${BUSY_VIP}:80 -s rr`,
      ]);
      await assert.rejects(answering(site(), OTHER_VIP), /\(7\)/);
      await site().ipvsadm('-e', '-t', `${BUSY_VIP}:80`, '-r', '10.2.0.11:8080', '-m', '-w', '0');
      // Nothing of it is open any more: wrk asks once a connection.
      await site().ipvsadm('-d', '-t', `${BUSY_VIP}:80`, '-r', '10.2.0.11:8080');
    }
    const { errors, requests, text } = await load;
    assert.ok(errors === 0 && requests > 100, text);
  });

  it('a deleted server falls silent, and has its connections again when it comes back', async () => {
    await site().restore(rulesOfService(HELD_VIP, '-m'));
    const held = await HeldConnections.open(site().lab.client, {
      server: HELD_VIP,
      port: 80,
      from,
      count: 4,
    });
    await site().ipvsadm('-d', '-t', `${HELD_VIP}:80`, '-r', '10.2.0.11:80');
    const silent = held.ask();
    assert.deepEqual(await answering(site(), HELD_VIP, { count: 2 }), ['rs2', 'rs2']);
    await site().ipvsadm('-a', '-t', `${HELD_VIP}:80`, '-r', '10.2.0.11:80', '-m');
    assert.deepEqual(await silent, { answered: 4, ended: 0 });
    await held.close();
  });
});

onEachAttach(
  'changes with expire_nodest_conn',
  { ...OPTIONS, settings: ['sysctl: { expire_nodest_conn: 1 }'] },
  (site) => {
    it('connections of a deleted server end at once', async () => {
      await site().restore(rulesOfService(HELD_VIP, '-m'));
      const held = await HeldConnections.open(site().lab.client, {
        server: HELD_VIP,
        port: 80,
        from,
        count: 4,
      });
      await site().ipvsadm('-d', '-t', `${HELD_VIP}:80`, '-r', '10.2.0.11:80');
      assert.deepEqual(await held.ask(), { answered: 2, ended: 2 });
      const left = listedConnections(await site().ipvsadm('-Lcn'));
      assert.deepEqual(
        left.map(({ destination }) => destination),
        ['10.2.0.12:80', '10.2.0.12:80'],
      );
      await held.close();
    });
  },
);
