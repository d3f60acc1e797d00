import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  SETTING_SYNC_MASTER,
  SETTING_SYNC_PERSIST_MODE,
  TOTAL_SYNC_LOST,
} from '../../src/engines/ebpf/layout.gen.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { HZ } from './harness/table-maps.ts';
import { ageReports, takeTold, told } from './harness/told.ts';
import { chunks, datagram, segment } from './harness/traffic.ts';

const RING_BYTES = 65536;
/** Of a record in the ring: its header and struct sync_event. */
const RECORD_BYTES = 120;

const WEB = '192.0.2.10:80';
const DNS = '192.0.2.10:53';
const SERVER = '10.2.0.11:80';

describe('what a master tells its backups', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = new Lab({ events: RING_BYTES });
    await lab.configure(`
      -A -t ${WEB} -s rr
      -a -t ${WEB} -r ${SERVER} -m
      -A -u ${DNS} -s rr
      -a -u ${DNS} -r 10.2.0.11:53 -m
      -A --sctp-service ${WEB} -s rr
      -a --sctp-service ${WEB} -r 10.2.0.12:80 -m
      -A -t [2001:db8::10]:80 -s rr
      -a -t [2001:db8::10]:80 -r [fd02::11]:80 -g`);
    master({});
  });
  afterEach(() => {
    lab.plane.takeEvents();
    drain(lab);
    lab.close();
  });

  /** As the sysctls; seconds. */
  function master({ threshold = 3, period = 50, refresh = 0, retries = 0, flags = 0 }): void {
    lab.set({
      flags: SETTING_SYNC_MASTER | flags,
      syncThreshold: threshold,
      syncPeriod: period,
      syncRefresh: refresh * HZ,
      syncRetries: retries,
    });
  }

  const request = (client: string, bits: string, program: 'vipr_ingress' | 'vipr_xdp' = 'vipr_ingress') =>
    segment(lab, `${client} > ${WEB}`, bits, { program });
  const reply = (client: string, bits: string) =>
    segment(lab, `${SERVER} > ${client}`, bits, { on: 'servers' });
  const ask = (client: string) => datagram(lab, `${client} > ${DNS}`);
  const line = (state: string, client = '10.1.0.2:7001') => `tcp ${client} ${WEB} ${SERVER} ${state}`;

  /** At which of so many packets something was told. */
  function toldAt(count: number, send: () => void): number[] {
    const numbers: number[] = [];
    for (let nth = 1; nth <= count; nth++) {
      send();
      if (told(lab).length > 0) numbers.push(nth);
    }
    return numbers;
  }

  test('nobody is told where it is no master', () => {
    lab.set({ syncThreshold: 1 });
    for (const bits of ['S', 'A', 'FA', 'R']) request('10.1.0.2:7001', bits);
    assert.deepEqual(told(lab), []);
    assert.equal(lab.find('10.1.0.2:7001')?.record.reported, 0);
  });

  for (const program of ['vipr_ingress', 'vipr_xdp'] as const) {
    test(`TCP, ${program}: a connection is told when it is established, and each change of its state (facts 7.4)`, () => {
      const client = '10.1.0.2:7001';
      request(client, 'S', program);
      assert.deepEqual(told(lab), [], 'half open');
      for (const [bits, state] of [
        ['A', 'ESTABLISHED'],
        ['FA', 'CLOSE_WAIT'],
        ['R', 'CLOSE'],
      ] as const) {
        request(client, bits, program);
        assert.deepEqual(told(lab), [line(state)], bits);
      }
    });
  }

  test('TCP: what a reply changes is told, too', () => {
    request('10.1.0.2:7001', 'S');
    reply('10.1.0.2:7001', 'SA');
    request('10.1.0.2:7001', 'A');
    assert.deepEqual(told(lab), [line('ESTABLISHED')]);
    reply('10.1.0.2:7001', 'FA');
    assert.deepEqual(told(lab), [line('FIN_WAIT')]);
    request('10.1.0.2:7001', 'FA');
    assert.deepEqual(told(lab), [line('TIME_WAIT')]);
    reply('10.1.0.2:7001', 'SA');
    assert.deepEqual(told(lab), [], 'SYN_SENT is none of the states that are told');
  });

  test('SCTP: ESTABLISHED and the states of the shutdown', () => {
    const from = '10.1.0.2:7001';
    const states: string[] = [];
    for (const [name, on] of [
      ['init', 'clients'],
      ['init-ack', 'servers'],
      ['cookie-echo', 'clients'],
      ['cookie-ack', 'servers'],
      ['shutdown', 'clients'],
      ['shutdown-ack', 'servers'],
      ['shutdown-complete', 'clients'],
    ] as const) {
      chunks(lab, on === 'clients' ? `${from} > ${WEB}` : `10.2.0.12:80 > ${from}`, [name], { on });
      states.push(...takeTold(lab).map(({ protocol, state }) => `${name}: ${protocol} ${state}`));
    }
    assert.deepEqual(states, [
      'cookie-ack: sctp ESTABLISHED',
      'shutdown: sctp S-RECEIVED',
      'shutdown-ack: sctp S-ACK-SENT',
      'shutdown-complete: sctp CLOSED',
    ]);
  });

  test('the entry is told as it is after the packet, for either family', () => {
    for (const [client, virtual] of [
      ['10.1.0.2:7001', WEB],
      ['[fd01::2]:7001', '[2001:db8::10]:80'],
    ] as const) {
      segment(lab, `${client} > ${virtual}`, 'S');
      segment(lab, `${client} > ${virtual}`, 'A');
      const [event, ...others] = takeTold(lab);
      assert.ok(event && others.length === 0, client);
      const entry = lab.find(client);
      assert.ok(entry, client);
      const { key: _, ...known } = entry;
      assert.deepEqual(event, known);
      assert.equal(event.record.packets, 2);
      assert.equal(event.record.reportedState, 1);
      assert.equal(event.record.reported, event.record.expires - (event.record.expires % 4));
    }
  });

  test('sync_threshold and period: the connection is told again at these packets (facts 7.4)', () => {
    master({ threshold: 3, period: 5 });
    request('10.1.0.2:7001', 'S');
    request('10.1.0.2:7001', 'A');
    assert.deepEqual(told(lab), [line('ESTABLISHED')]);
    const packets = toldAt(16, () => request('10.1.0.2:7001', 'A')).map((nth) => nth + 2);
    assert.deepEqual(packets, [3, 8, 13, 18]);
    assert.deepEqual(
      toldAt(5, () => reply('10.1.0.2:7001', 'A')),
      [],
      'replies while the number of requests stands',
    );
  });

  test('without a period only the threshold counts', () => {
    master({ threshold: 4, period: 0 });
    const packets = toldAt(12, () => ask('10.1.0.2:7001'));
    assert.deepEqual(packets, [4]);
  });

  test('UDP is told from the threshold on, also where that packet was missed', () => {
    assert.deepEqual(
      toldAt(10, () => ask('10.1.0.2:7001')),
      [3],
    );
    lab.set({});
    for (let nth = 0; nth < 10; nth++) ask('10.1.0.2:7002');
    master({});
    ask('10.1.0.2:7002');
    assert.deepEqual(told(lab), [`udp 10.1.0.2:7002 ${DNS} 10.2.0.11:53 UDP`]);
  });

  test('whatever the numbers, when the end moved on by a quarter of the timeout', () => {
    for (const settings of [{}, { period: 0 }, { refresh: 10_000 }]) {
      master(settings);
      const client = '10.1.0.2:7001';
      for (let nth = 0; nth < 6; nth++) ask(client);
      told(lab);
      ageReports(lab, 60);
      ask(client);
      assert.deepEqual(told(lab), [], 'a fifth');
      ageReports(lab, 15);
      datagram(lab, `10.2.0.11:53 > ${client}`, { on: 'servers' });
      assert.equal(told(lab).length, 1, 'a reply');
      ask(client);
      assert.deepEqual(told(lab), []);
      ageReports(lab, 76);
      ask(client);
      assert.equal(told(lab).length, 1, 'a request');
    }
  });

  test('sync_refresh_period alone: again when the end moved on by it (facts 7.4)', () => {
    master({ threshold: 0, period: 0, refresh: 20 });
    ask('10.1.0.2:7001');
    assert.equal(told(lab).length, 1, 'the first packet');
    for (let nth = 0; nth < 5; nth++) ask('10.1.0.2:7001');
    ageReports(lab, 15);
    ask('10.1.0.2:7001');
    assert.deepEqual(told(lab), []);
    ageReports(lab, 5);
    ask('10.1.0.2:7001');
    assert.equal(told(lab).length, 1);
    ask('10.1.0.2:7001');
    assert.deepEqual(told(lab), []);
  });

  test('sync_refresh_period with a period: the packet has to be one of these, too (facts 7.4)', () => {
    master({ threshold: 1, period: 4, refresh: 20 });
    assert.deepEqual(
      toldAt(6, () => ask('10.1.0.2:7001')),
      [1],
    );
    ageReports(lab, 21);
    assert.deepEqual(
      toldAt(6, () => ask('10.1.0.2:7001')),
      [3],
      'the ninth of all',
    );
  });

  test('sync_retries: so many more, each an eighth of the refresh period after the one before (facts 7.4)', () => {
    master({ threshold: 0, period: 0, refresh: 64, retries: 2 });
    ask('10.1.0.2:7001');
    assert.equal(told(lab).length, 1);
    const expected = (expires: number, retry: number) => expires - (expires % 4) + retry;
    for (const retry of [1, 2]) {
      ask('10.1.0.2:7001');
      assert.deepEqual(told(lab), [], 'at once');
      ageReports(lab, 9);
      ask('10.1.0.2:7001');
      const [event] = takeTold(lab);
      assert.ok(event);
      assert.equal(event.record.reported, expected(event.record.expires, retry));
    }
    ageReports(lab, 9);
    ask('10.1.0.2:7001');
    assert.deepEqual(told(lab), [], 'a third');
    ageReports(lab, 60);
    ask('10.1.0.2:7001');
    const [event] = takeTold(lab);
    assert.ok(event);
    assert.equal(event.record.reported, expected(event.record.expires, 0), 'counted anew');
  });

  test('a full ring: what found no room is counted, and told with a later packet', () => {
    const room = Math.floor(RING_BYTES / RECORD_BYTES);
    master({ threshold: 1 });
    for (let nth = 0; nth < room + 10; nth++) ask(`10.1.${1 + (nth >> 8)}.${nth & 255}:7001`);
    const lost = lab.total(TOTAL_SYNC_LOST);
    assert.ok(lost >= 10 && lost <= 12, `${lost} were lost`);
    const last = `10.1.${1 + ((room + 9) >> 8)}.${(room + 9) & 255}:7001`;
    assert.equal(lab.find(last)?.record.reported, 0);
    assert.equal(told(lab).length, room + 10 - lost);
    ask(last);
    assert.deepEqual(told(lab), [`udp ${last} ${DNS} 10.2.0.11:53 UDP`]);
    assert.equal(lab.total(TOTAL_SYNC_LOST), lost);
  });

  describe('templates', () => {
    const CLIENT = '10.1.0.2:7001';
    const persistent = (options: string) =>
      lab.configure(`
        -A -t 192.0.2.11:80 -s rr ${options}
        -a -t 192.0.2.11:80 -r 10.2.0.21:80 -m
        -a -t 192.0.2.11:80 -r 10.2.0.22:80 -m`);
    const send = (client: string, bits: string) => segment(lab, `${client} > 192.0.2.11:80`, bits);
    const names = () =>
      takeTold(lab).map(({ template, server }) => `${template ? 'template' : 'connection'} ${server}`);
    /** A connection's template is looked at once a jiffy. */
    const awaitJiffy = () => {
      const now = lab.plane.jiffies();
      while (lab.plane.jiffies() === now);
    };
    const isTemplate = ({ template }: { readonly template: boolean }) => template;

    test('a new one is told with its first connection, and that when it is due', async () => {
      await persistent('-p 300');
      send(CLIENT, 'S');
      const [event, ...others] = takeTold(lab);
      assert.deepEqual(others, []);
      assert.equal(event?.template, true);
      assert.deepEqual(
        [event?.protocol, event?.client, event?.virtual, event?.server, event?.timeout],
        ['tcp', '10.1.0.2:0', '192.0.2.11:80', '10.2.0.22:80', 300],
      );
      send(CLIENT, 'A');
      assert.deepEqual(names(), ['connection 10.2.0.22:80']);
      send('10.1.0.2:7002', 'S');
      assert.deepEqual(names(), [], 'known by now');
    });

    test('again after ten seconds with packets, or a quarter of a shorter timeout', async () => {
      for (const [seconds, early, late] of [
        [300, 7, 4],
        [20, 3, 3],
      ] as const) {
        await persistent(`-p ${seconds}`);
        send(CLIENT, 'S');
        names();
        ageReports(lab, early, isTemplate);
        awaitJiffy();
        send(CLIENT, 'S');
        assert.deepEqual(names(), []);
        ageReports(lab, late, isTemplate);
        awaitJiffy();
        send(CLIENT, 'S');
        assert.deepEqual(names(), ['template 10.2.0.22:80'], `${seconds}`);
        drain(lab);
        await lab.configure('-D -t 192.0.2.11:80');
      }
    });

    test('one that is led elsewhere is told at once', async () => {
      await persistent('-p 300');
      send(CLIENT, 'S');
      names();
      await lab.configure('-d -t 192.0.2.11:80 -r 10.2.0.22:80');
      send('10.1.0.2:7002', 'S');
      assert.deepEqual(names(), ['template 10.2.0.21:80']);
    });

    test('sync_persist_mode: they alone', async () => {
      master({ flags: SETTING_SYNC_PERSIST_MODE });
      await persistent('-p 300');
      for (const bits of ['S', 'A', 'A', 'FA']) send(CLIENT, bits);
      assert.deepEqual(names(), ['template 10.2.0.22:80']);
      request(CLIENT, 'S');
      request(CLIENT, 'A');
      assert.deepEqual(names(), [`connection ${SERVER}`], 'has none');
    });

    test('of a one-packet service, whose datagrams have no entry', async () => {
      await lab.configure(`
        -A -u 192.0.2.11:53 -s rr -o -p 300
        -a -u 192.0.2.11:53 -r 10.2.0.21:53 -m`);
      for (let nth = 0; nth < 5; nth++) datagram(lab, `10.1.0.2:${7000 + nth} > 192.0.2.11:53`);
      assert.deepEqual(told(lab), ['udp 10.1.0.2:0 192.0.2.11:53 10.2.0.21:53 NONE']);
      lab.set({});
      datagram(lab, '10.1.0.3:7001 > 192.0.2.11:53');
      assert.deepEqual(told(lab), [], 'no master');
    });

    test('of a firewall mark', async () => {
      await lab.configure(`
        -A -f 6 -s rr -p 300
        -a -f 6 -r 10.2.0.21 -m`);
      segment(lab, '10.1.0.2:7001 > 192.0.2.77:80', 'S', { mark: 6 });
      assert.deepEqual(told(lab), ['ip 10.1.0.2:0 mark 6 10.2.0.21:0 NONE']);
    });
  });
});
