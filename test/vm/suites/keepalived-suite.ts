import assert from 'node:assert/strict';
import { ManagedDirector, type Manager, untilSameTables } from '../keepalived/director.ts';
import { CHANGED_SAMPLE, SAMPLE, SORRY } from '../keepalived/sample.ts';
import type { Lab } from '../lab/lab-tests.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { BACKUP, DIRECTOR, trafficNetwork } from '../traffic/network.ts';

const LIMIT_MS = 300_000;
const NAMESPACES = { keepalived: DIRECTOR, vipr: BACKUP } as const;

/** Debian's keepalived and vipr, side by side with one keepalived.conf and the same servers: their tables are the same. */
export function keepalivedSuite(lab: Lab): void {
  lab.describe('keepalived.conf, by keepalived and by vipr', () => {
    const directors = new Map<Manager, ManagedDirector>();
    const both = (): [ManagedDirector, ManagedDirector] => {
      const [keepalived, vipr] = [directors.get('keepalived'), directors.get('vipr')];
      assert.ok(keepalived !== undefined && vipr !== undefined, 'both run');
      return [keepalived, vipr];
    };
    const it = (name: string, body: (machine: VirtualMachine) => Promise<void>): void =>
      lab.it(name, (machine) => body(machine), LIMIT_MS);

    it('the tables are the same at the start', async (machine) => {
      await trafficNetwork(machine);
      await machine.expect('touch /tmp/alive');
      for (const [manager, namespace] of Object.entries(NAMESPACES) as [Manager, string][]) {
        await machine.expect(`ip netns exec ${namespace} /usr/sbin/ipvsadm -C`);
        directors.set(manager, await ManagedDirector.start(machine, manager, namespace, SAMPLE));
      }
      const table = await untilSameTables(both(), (text) => text.includes('-f 7 -r 10.2.0.13:0'), 120_000);
      assert.equal(table.match(/^-A /gm)?.length, 10, table);
      assert.match(table, /^Timeout \(tcp tcpfin udp\): 1200 30 200$/m);
    });

    it('after a server died', async (machine) => {
      await machine.expect(stopServer('rs3'));
      const table = await untilSameTables(both(), dead('10.2.0.13', 'fd02::13'));
      assert.match(table, /^-a -t 192\.0\.2\.11:80 -r 10\.2\.0\.13:80 -g -w 0$/m, 'inhibited, not removed');
    });

    it('after it recovered', async (machine) => {
      await machine.expect(startServer('rs3'));
      await untilSameTables(both(), alive('10.2.0.13', 'fd02::13'));
    });

    it('after quorums were lost: sorry servers', async (machine) => {
      await machine.expect(`${stopServer('rs2')}\n${stopServer('rs3')}\nrm /tmp/alive`);
      const isLost = (text: string): boolean =>
        text.includes(`-a -t 192.0.2.10:80 -r ${SORRY} -m -w 1`) &&
        text.includes('-a -u 192.0.2.13:53 -r 10.2.0.12:8053 -m -w 1');
      const table = await untilSameTables(
        both(),
        (text) => isLost(text) && dead('10.2.0.12', 'fd02::12')(text),
      );
      assert.doesNotMatch(
        table,
        /^-a -t 192\.0\.2\.10:80 -r 10\.2\.0\.11:80 /m,
        'only the sorry server is left',
      );
    });

    it('after all servers died', async (machine) => {
      await machine.expect(stopServer('rs1'));
      await untilSameTables(both(), dead('10.2.0.11', 'fd02::11'));
    });

    it('after the quorums were gained again', async (machine) => {
      await machine.expect(`${['rs1', 'rs2', 'rs3'].map(startServer).join('\n')}\ntouch /tmp/alive`);
      const table = await untilSameTables(both(), (text) =>
        ['11', '12', '13'].every((last) => alive(`10.2.0.${last}`, `fd02::${last}`)(text)),
      );
      assert.ok(!table.includes(SORRY), table);
    });

    it('after a reload with other services, servers and weights, while a server is dead', async (machine) => {
      await machine.expect(stopServer('rs2'));
      await untilSameTables(both(), dead('10.2.0.12', 'fd02::12'));
      for (const director of both()) await director.reload(CHANGED_SAMPLE);
      await untilSameTables(
        both(),
        (text) => text.includes('-A -t 192.0.2.30:80 -s rr') && !text.includes('-f 7'),
      );
      await machine.expect(startServer('rs2'));
      await untilSameTables(both(), alive('10.2.0.12', 'fd02::12'));
      for (const director of both()) await director.stop();
    });
  });
}

function stopServer(name: string): string {
  return `kill $(cat /tmp/${name}/pid); while [ -e /tmp/${name}/pid ]; do sleep 0.1; done`;
}

function startServer(name: string): string {
  return `ip netns exec ${name} nginx -c /tmp/${name}/nginx.conf`;
}

/** The server is in no service that checks it by TCP or HTTP, but for the one that inhibits. */
function dead(...addresses: readonly string[]): (table: string) => boolean {
  return (table) =>
    addresses.every((address) => {
      const lines = ofServer(table, address).filter(
        (line) => line.startsWith('-a') && !line.includes(' -u ') && !line.includes(SORRY),
      );
      return lines.every((line) => line.endsWith('-w 0'));
    });
}

/** The server is in every such service with its weight. */
function alive(...addresses: readonly string[]): (table: string) => boolean {
  return (table) =>
    addresses.every((address) => {
      const lines = ofServer(table, address).filter((line) => line.startsWith('-a'));
      return lines.length > 0 && lines.every((line) => !line.endsWith('-w 0') || line.includes(':8053'));
    });
}

function ofServer(table: string, address: string): string[] {
  return table.split('\n').filter((line) => line.includes(` ${address}:`) || line.includes(` [${address}]:`));
}
