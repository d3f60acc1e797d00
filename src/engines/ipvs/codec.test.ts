import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { destinationOn, ip, serviceOn, serviceOnMark, settings } from '../../../test/engine/sample-table.ts';
import { mutationOf } from '../../../test/netlink/mutate.ts';
import { IPVSADM_EXCHANGES, RECORDED_ANSWERS } from '../../../test/vectors/ipvs-messages.ts';
import type { Operation } from '../../model/operation.ts';
import type { Statistics } from '../../model/statistics.ts';
import { NO_STATISTICS } from '../../model/statistics.ts';
import type { Port, PrefixLength, Seconds, Weight } from '../../model/unit.ts';
import type { GenericFamily } from '../../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../../netlink/message.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { decodeInfo, decodeTimeouts } from './config-codec.ts';
import { decodeDaemon } from './daemon-codec.ts';
import { decodeDestination } from './destination-codec.ts';
import type { IpvsCommand } from './ipvs-message.ts';
import { ipvsRequest, requestOf } from './ipvs-request.ts';
import { decodeService, writeServiceId } from './service-codec.ts';

const FAMILY: GenericFamily = {
  name: 'IPVS',
  id: 35,
  version: 1,
  headerBytes: 0,
  highestAttribute: 6,
  groups: new Map(),
};
const HTTPS = serviceOn('192.0.2.10', 443);
const SERVER = destinationOn('10.0.0.11', { port: 443 as Port });

describe('requests are those of ipvsadm', () => {
  const whole: Readonly<Record<string, Operation>> = {
    '-A -t 192.0.2.10:443 -s wlc -p 300 -M 255.255.255.0': {
      kind: 'add-service',
      service: HTTPS,
      settings: settings({
        scheduler: 'wlc',
        persistenceTimeout: 300 as Seconds,
        persistenceNetmask: ip('255.255.255.0'),
      }),
    },
    '-A -t [2001:db8::1]:443 -s wlc -p 300 -M 64': {
      kind: 'add-service',
      service: serviceOn('2001:db8::1', 443),
      settings: settings({
        scheduler: 'wlc',
        persistenceTimeout: 300 as Seconds,
        persistenceNetmask: 64 as PrefixLength,
      }),
    },
    '-E -t 192.0.2.10:443 -s sh -b sh-port': {
      kind: 'edit-service',
      service: HTTPS,
      settings: settings({ scheduler: 'sh', schedulerFlags: { flag1: false, flag2: true, flag3: false } }),
    },
    '-A -f 9 -s rr': { kind: 'add-service', service: serviceOnMark(9), settings: settings() },
    '--set 10 20 30': {
      kind: 'set-timeouts',
      timeouts: { tcp: 10 as Seconds, tcpfin: 20 as Seconds, udp: 30 as Seconds },
    },
    '--start-daemon master --mcast-interface eth9 --syncid 5': {
      kind: 'start-daemon',
      daemon: { role: 'master', interface: 'eth9', syncId: 5 },
    },
    '--stop-daemon master': { kind: 'stop-daemon', role: 'master' },
    '-Z': { kind: 'zero' },
    '-C': { kind: 'flush' },
  };
  for (const [command, operation] of Object.entries(whole)) {
    test(`byte for byte: ${command}`, () => assert.equal(hexOf(operation), recorded(command)));
  }

  test('byte for byte: lists', () => {
    const list = (command: IpvsCommand) => written(ipvsRequest(FAMILY, command).body);
    assert.equal(list('GET_SERVICE'), recorded('-Ln'));
    assert.equal(list('GET_DAEMON'), recorded('-Ln --daemon'));
    const destinations = ipvsRequest(FAMILY, 'GET_DEST', (writer) =>
      writeServiceId(writer, serviceOn('192.0.2.10')),
    );
    assert.equal(written(destinations.body), IPVSADM_EXCHANGES[1]?.request);
  });

  // ipvsadm repeats settings that the kernel does not look at: its service is a whole one with nothing in it.
  const destinations: Readonly<Record<string, Operation>> = {
    '-a -t 192.0.2.10:443 -r 10.0.0.11:443 -i --tun-type gue --tun-port 6080 --tun-csum -w 5 -x 20 -y 10': {
      kind: 'add-destination',
      service: HTTPS,
      destination: {
        ...SERVER,
        forwarding: 'tunnel',
        weight: 5 as Weight,
        upperThreshold: 20,
        lowerThreshold: 10,
        tunnel: { type: 'gue', port: 6080 as Port, checksum: 'checksum' },
      },
    },
    '-e -t 192.0.2.10:443 -r 10.0.0.11:443 -m -w 5': {
      kind: 'edit-destination',
      service: HTTPS,
      destination: { ...SERVER, weight: 5 as Weight },
    },
  };
  for (const [command, operation] of Object.entries(destinations)) {
    test(`the destination byte for byte, the service by its name: ${command}`, () => {
      const [sent, original] = [hexOf(operation), recorded(command)];
      const nest = original.indexOf('60000280');
      assert.ok(nest > 0);
      assert.equal(sent.slice(sent.indexOf('60000280')), original.slice(nest));
      // Command and header, then the service: 4 bytes of attribute header, family, protocol, address, port.
      assert.equal(sent.slice(0, 8), original.slice(0, 8));
      assert.equal(sent.slice(16, 16 + 2 * 44), original.slice(16, 16 + 2 * 44));
      assert.equal(sent.indexOf('60000280'), 16 + 2 * 44);
    });
  }

  test('what is deleted is named only', () => {
    const deleted = recorded('-d -t 192.0.2.10:443 -r 10.0.0.11:443');
    const sent = hexOf({ kind: 'delete-destination', service: HTTPS, destination: SERVER });
    assert.equal(sent.length, 2 * (4 + 4 + 44 + 4 + 8 + 20 + 8));
    assert.ok(deleted.includes(sent.slice(sent.indexOf('06000b00'))));
    const service = recorded('-D -t 192.0.2.10:443');
    assert.ok(service.includes(hexOf({ kind: 'delete-service', service: HTTPS }).slice(16)));
    const zeroed = hexOf({ kind: 'zero', service: HTTPS });
    assert.ok(zeroed.startsWith('10010000'));
    assert.ok(service.includes(zeroed.slice(16)));
  });

  test('daemons with every option', () => {
    const daemon = { role: 'backup', interface: 'eth9', syncId: 7 } as const;
    const options = { maxLength: 1024, group: ip('239.1.2.3'), port: 9000 as Port, ttl: 5 };
    const sent = hexOf({ kind: 'start-daemon', daemon: { ...daemon, ...options } });
    for (const attribute of [
      '0600040000040000',
      '08000500ef010203',
      '0600070028230000',
      '0500080005000000',
    ]) {
      assert.ok(sent.includes(attribute), attribute);
      assert.ok(RECORDED_ANSWERS.backup.includes(attribute), attribute);
    }
    const inet6 = hexOf({ kind: 'start-daemon', daemon: { ...daemon, group: ip('ff02::51') } });
    assert.ok(inet6.includes('14000600ff020000000000000000000000000051'));
  });
});

describe('answers of a kernel', () => {
  const IDLE = NO_STATISTICS;

  test('services', () => {
    const [listed] = IPVSADM_EXCHANGES[0]?.answers ?? [];
    const expected = { id: serviceOn('192.0.2.10'), ...settings(), statistics: IDLE };
    assert.deepEqual(decodeService(message(listed ?? '')), expected);
    assert.deepEqual(decodeService(message(RECORDED_ANSWERS.service)), { ...expected, scheduler: 'wlc' });
  });

  test('destinations, with the statistics of 64 bits', () => {
    const { statistics, ...destination } = decodeDestination(message(RECORDED_ANSWERS.destination), 'inet');
    assert.deepEqual(destination, {
      ...destinationOn('10.2.0.11', { port: 21 as Port }),
      activeConnections: 0,
      inactiveConnections: 4,
      persistentConnections: 0,
    });
    const expected: Statistics = {
      counters: { connections: 1n, inPackets: 21n, outPackets: 19n, inBytes: 1160n, outBytes: 1132n },
      rates: { connections: 0n, inPackets: 1n, outPackets: 1n, inBytes: 38n, outBytes: 37n },
    };
    assert.deepEqual(statistics, expected);
    // Without them those of 32 bits count: the type of the nest is turned into one that nobody knows.
    const old = RECORDED_ANSWERS.destination.replace('7c000c00', '7c006300');
    assert.deepEqual(decodeDestination(message(old), 'inet').statistics, expected);
    const none = old.replace('5c000a00', '5c006300');
    assert.equal(decodeDestination(message(none), 'inet').statistics, NO_STATISTICS);
  });

  test('daemons, timeouts, version', () => {
    const master = { role: 'master', group: '224.0.0.81', port: 8848, ttl: 1, maxLength: 1472 };
    assert.deepEqual(decodeDaemon(message(RECORDED_ANSWERS.master)), {
      ...master,
      interface: 'lo',
      syncId: 300,
    });
    assert.deepEqual(decodeDaemon(message(RECORDED_ANSWERS.backup)), {
      role: 'backup',
      interface: 'eth9',
      syncId: 7,
      maxLength: 1024,
      group: '239.1.2.3',
      port: 9000,
      ttl: 5,
    });
    assert.deepEqual(decodeDaemon(message(RECORDED_ANSWERS.inet6Master)), {
      ...master,
      interface: 'eth9',
      syncId: 0,
      maxLength: 65487,
      group: 'ff02::51',
    });
    assert.deepEqual(decodeTimeouts(message(RECORDED_ANSWERS.config)), { tcp: 900, tcpfin: 120, udp: 300 });
    assert.deepEqual(decodeInfo(message(RECORDED_ANSWERS.info)), {
      version: '1.2.1',
      connectionTableSize: 4096,
    });
  });

  test('what no ipvsadm makes is passed over, or told as ipvsadm tells it', () => {
    const icmp = RECORDED_ANSWERS.service.replace('0600020006000000', '0600020001000000');
    assert.equal(decodeService(message(icmp)), undefined);
    const decnet = RECORDED_ANSWERS.service.replace('0600010002000000', '060001000c000000');
    assert.equal(decodeService(message(decnet)), undefined);
    const odd = RECORDED_ANSWERS.destination
      .replace('0800030000000000', '0800030007200000')
      .replace('05000d0000000000', '05000d0009000000')
      .replace('06000f0000000000', '06000f0008000000');
    const { forwarding, tunnel } = decodeDestination(message(odd), 'inet');
    assert.deepEqual([forwarding, tunnel], ['bypass', { type: 'ipip', port: 0, checksum: 'none' }]);
  });

  test('that lack what they are about are malformed', () => {
    const empty = message('01010000');
    for (const decode of [decodeDaemon, (at: NetlinkMessage) => decodeDestination(at, 'inet')]) {
      assert.throws(() => decode(empty), { name: 'NetlinkError', kind: 'malformed' });
    }
    assert.equal(decodeService(empty), undefined);
    for (const attribute of ['14000300', '06000400', '08000600', '08000900']) {
      // Its number becomes one that nobody knows.
      const without = RECORDED_ANSWERS.service.replace(attribute, `${attribute.slice(0, 4)}6300`);
      assert.throws(() => decodeService(message(without)), { kind: 'malformed' }, attribute);
    }
  });

  test('with errors are answers or a NetlinkError', () => {
    const decoders = {
      service: decodeService,
      destination: (at: NetlinkMessage) => decodeDestination(at, 'inet6'),
      master: decodeDaemon,
      inet6Master: decodeDaemon,
      config: decodeTimeouts,
      info: decodeInfo,
    };
    for (const [name, decode] of Object.entries(decoders)) {
      const bytes = Buffer.from(RECORDED_ANSWERS[name as keyof typeof decoders], 'hex');
      fc.assert(
        fc.property(mutationOf(bytes), (mutated) => {
          try {
            decode(message(Buffer.from(mutated).toString('hex')));
          } catch (error) {
            assert.ok(error instanceof NetlinkError && error.kind === 'malformed', `${name}: ${error}`);
          }
        }),
        { numRuns: 500 },
      );
    }
  });
});

function recorded(command: string): string {
  const exchange = IPVSADM_EXCHANGES.find((one) => one.command === command);
  assert.ok(exchange, command);
  return exchange.request;
}

function hexOf(operation: Operation): string {
  return written(requestOf(FAMILY, operation).body);
}

function written(body: ((writer: NetlinkWriter) => void) | undefined): string {
  const writer = new NetlinkWriter();
  body?.(writer);
  return Buffer.from(writer.datagram()).toString('hex');
}

/** A message with this payload at the end of its memory: reading beyond is an error. */
function message(hex: string): NetlinkMessage {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  const payload = { view: new DataView(bytes.buffer), start: 0, end: bytes.length };
  return { type: 35, flags: 0, sequence: 1, portId: 0, payload };
}
