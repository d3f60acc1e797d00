import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedNames } from '../../test/ipvsadm/fixed-names.ts';
import type { Command } from './command.ts';
import { parseCommand } from './parse.ts';

const names = fixedNames();
const parse = (line: string): Promise<Command> => parseCommand(line.split(' '), names);

async function operation(line: string) {
  const command = await parse(line);
  assert.equal(command.kind, 'operation');
  return command.kind === 'operation' ? command.operation : assert.fail();
}

async function destination(line: string) {
  const parsed = await operation(line);
  return parsed.kind === 'add-destination' || parsed.kind === 'edit-destination'
    ? parsed.destination
    : assert.fail(parsed.kind);
}

/** A refusal as `exit code: message`. */
async function refusal(line: string): Promise<string> {
  try {
    await parse(line);
  } catch (error) {
    if (error instanceof Error && 'exitCode' in error) return `${error.exitCode}: ${error.message}`;
    throw error;
  }
  return 'done';
}

test('a service without options has the defaults', async () => {
  assert.deepEqual(await operation('-A -t 192.0.2.10:80'), {
    kind: 'add-service',
    service: { kind: 'address', protocol: 'tcp', address: '192.0.2.10', port: 80 },
    settings: {
      scheduler: 'wlc',
      schedulerFlags: { flag1: false, flag2: false, flag3: false },
      persistenceNetmask: '255.255.255.255',
      onePacket: false,
    },
  });
});

test('a service with everything', async () => {
  assert.deepEqual(await operation('-E -f 7 -6 -s sh -b sh-port -p -M 64 --pe sip -o'), {
    kind: 'edit-service',
    service: { kind: 'fwmark', fwmark: 7, family: 'inet6' },
    settings: {
      scheduler: 'sh',
      schedulerFlags: { flag1: false, flag2: true, flag3: false },
      persistenceTimeout: 360,
      persistenceNetmask: 64,
      persistenceEngine: 'sip',
      onePacket: true,
    },
  });
});

test('names are cut to what the kernel takes', async () => {
  const parsed = await operation('-A -f 1 -s averyverylongscheduler --pe averyverylongpersistence');
  const settings = parsed.kind === 'add-service' ? parsed.settings : assert.fail();
  assert.equal(settings.scheduler, 'averyverylongsc');
  assert.equal(settings.persistenceEngine, 'averyverylongper');
});

test('a destination without options has the defaults', async () => {
  assert.deepEqual(await destination('-a -t 192.0.2.10:80 -r 10.0.0.11'), {
    address: '10.0.0.11',
    port: 80,
    forwarding: 'direct',
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: { type: 'ipip', port: 0, checksum: 'none' },
  });
});

test('the port of a destination follows the method, the service, and the order of the options', async () => {
  const port = async (line: string): Promise<number> => (await destination(line)).port;
  assert.equal(await port('-a -t 192.0.2.10:80 -r 10.0.0.11:8080 -m'), 8080);
  assert.equal(await port('-a -t 192.0.2.10:80 -r 10.0.0.11:8080 -g'), 80);
  assert.equal(await port('-a -t 192.0.2.10:80 -r 10.0.0.11:8080 -i'), 80);
  assert.equal(await port('-a -f 1 -r 10.0.0.11:8080 -g'), 8080);
  assert.equal(await port('-a -t 192.0.2.10:80 -r 10.0.0.11 -m'), 80);
  assert.equal(await port('-a -r 10.0.0.11 -t 192.0.2.10:80 -m'), 0);
});

test('a netmask is read by the family that came before it', async () => {
  const netmask = async (line: string): Promise<unknown> => {
    const parsed = await operation(line);
    return parsed.kind === 'add-service' ? parsed.settings.persistenceNetmask : assert.fail();
  };
  assert.equal(await netmask('-A -t 192.0.2.10:80 -M 24'), '0.0.0.24');
  assert.equal(await netmask('-A -t [::1]:80 -M 24'), 24);
  assert.equal(await netmask('-A -M 24 -t [::1]:80'), 128);
  assert.equal(await netmask('-A -f 1 -M 24 -6'), 128);
  assert.equal(await netmask('-A -f 1 -6 -M 24'), 24);
});

test('tunnels', async () => {
  const { tunnel } = await destination('-a -f 1 -r 10.0.0.1 -i --tun-type gue --tun-port 6080 --tun-remcsum');
  assert.deepEqual(tunnel, { type: 'gue', port: 6080, checksum: 'remote' });
});

test('daemons carry only what was given', async () => {
  assert.deepEqual(await operation('--start-daemon master'), {
    kind: 'start-daemon',
    daemon: { role: 'master', interface: 'eth0', syncId: 0 },
  });
  assert.deepEqual(
    await operation(
      '--start-daemon=backup --mcast-interface averyverylonginterface --mcast-group FF02::81 --mcast-port 9 --mcast-ttl 2 --sync-maxlen 65507 --syncid 255',
    ),
    {
      kind: 'start-daemon',
      daemon: {
        role: 'backup',
        interface: 'averyverylongin',
        syncId: 255,
        maxLength: 65507,
        group: 'ff02::81',
        port: 9,
        ttl: 2,
      },
    },
  );
});

test('of several mistakes the original names this one', async () => {
  const cases: Readonly<Record<string, string>> = {
    '-n -L': "255: Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
    '--set=1 2 3': "255: Try `ipvsadm -h' or 'ipvsadm --help' for more information.",
    '-A -w x': '2: illegal weight specified',
    '-A -b nosuch': "2: invalid scheduler flag `nosuch'",
    '-A -b nosuch extra': '2: unexpected argument extra',
    '-A -t 192.0.2.10 -o -r x': '2: illegal real server address[:port] specified',
    '-A -t 192.0.2.10 -n -w 1': "2: Illegal 'numeric' option with the 'add-service' command",
    '-A -t 192.0.2.10:80 -s rr -b sh-port': "2: incompatible scheduler flag `sh-port'",
    '-a -w 1 -s rr': "2: You need to supply the 'service-address' option for the 'add-server' command",
    '-a -t 192.0.2.10:80 -r ::1 -m --tun-csum':
      '2: Different address family is allowed only for tunneling servers',
    '-a -t 192.0.2.10:80 -r 10.0.0.1 -m --tun-csum': '2: Tunnel options conflict with forward method',
    '-L -c -t 192.0.2.10:80 --daemon':
      "2: The option 'service-address' conflicts with the 'connection' option in the 'list' command",
    '-L --daemon --persistent-conn': '2: options conflicts in the list command',
    '-R extra': '2: unexpected argument extra',
    '--set 1 2 -w': '255: -w: missing argument',
    '--start-daemon master --mcast-group ff::1': "2: invalid IPv6 mcast-group `ff::1'",
    '--start-daemon master --mcast-group 224.1': "2: invalid IPv4 mcast-group `224.1'",
    '-L -6': '2: -6 used before -f\n',
  };
  for (const [line, expected] of Object.entries(cases)) assert.equal(await refusal(line), expected, line);
});

test('the first kind of columns wins', async () => {
  const columns = async (line: string): Promise<string> => {
    const command = await parse(line);
    return command.kind === 'list' ? command.style.columns : command.kind;
  };
  assert.equal(await columns('-L --tun-info --rate --stats'), 'stats');
  assert.equal(await columns('-L --tun-info --persistent-conn --thresholds'), 'thresholds');
  assert.equal(await columns('-L --tun-info'), 'tun-info');
  assert.equal(await columns('-L -c --persistent-conn'), 'list-connections');
});
