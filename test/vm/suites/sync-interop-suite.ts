import assert from 'node:assert/strict';
import type { Family } from '../../../src/model/address.ts';
import type { ConnectionLine } from '../guest/twin/connection-line.ts';
import { InteropCluster } from '../interop/cluster.ts';
import { HeldConnections, type HeldTarget } from '../interop/held-connections.ts';
import { CALLER, CLIENTS, VIPS } from '../interop/network.ts';
import { PausedDownload } from '../interop/paused-download.ts';
import type { Lab } from '../lab/lab-tests.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';

const LIMIT_MS = 300_000;
const ID = 5;
const IDS = { master: ID, backup: ID };
const IPVS_ADDRESS = '10.2.0.8';
const FAMILIES = ['inet', 'inet6'] as const;
/** What version 0 knows: no IPv6, and of templates not how long they live. */
const OLD_OPEN = /^\w+ (ESTABLISHED|UDP) [^[]/;

/** The kernel's IPVS and vipr's engine as each other's backups: connections go on wherever the clients are turned to. */
export function syncInteropSuite(lab: Lab): void {
  const isWhole = lab.extent === 'whole';
  const clients = isWhole ? CLIENTS : CLIENTS.slice(0, 2);
  const { masquerading, direct, tunnel } = VIPS;
  const targets = isWhole ? targetsOf([masquerading, direct, tunnel]) : targetsOf([masquerading]);
  lab.describe('synchronisation between IPVS and the eBPF engine', () => {
    let made: InteropCluster | undefined;
    const held: HeldConnections[] = [];
    const it = (
      name: string,
      body: (cluster: InteropCluster, machine: VirtualMachine) => Promise<void>,
    ): void =>
      lab.it(
        name,
        async (machine) => {
          assert.ok(made !== undefined, 'there are directors');
          await body(made, machine);
        },
        LIMIT_MS,
      );
    const hold = async (machine: VirtualMachine, targets: readonly HeldTarget[]): Promise<void> => {
      held.push(await HeldConnections.open(machine, targets));
    };
    const assertAllGoOn = async (): Promise<void> => {
      for (const connections of held) assert.deepEqual(await connections.ask(), connections.servers);
    };

    lab.it(
      "vipr takes the table that IPVS's own ipvsadm saves",
      async (machine) => {
        made = await InteropCluster.make(machine);
      },
      LIMIT_MS,
    );

    if (isWhole)
      it('a backup with another sync ID takes nothing, and counts it', async (cluster, machine) => {
        await cluster.synchronise('ipvs', { master: ID, backup: ID + 1 });
        const connections = await HeldConnections.open(
          machine,
          targets.filter(({ protocol }) => protocol === 'tcp'),
        );
        const { backup } = await cluster.untilSync(({ backup }) => (backup?.dismissed['sync-id'] ?? 0) > 0);
        assert.equal(backup?.records.added, 0);
        assert.deepEqual(await cluster.connections('ebpf'), []);
        await connections.close();
        await cluster.stopDaemons();
      });

    it('IPVS tells vipr of connections and persistence, which go on there', async (cluster, machine) => {
      await hold(machine, targets);
      const download = await PausedDownload.start(machine, VIPS.masquerading.inet);
      await cluster.synchronise('ipvs', IDS);
      await assertAllGoOn();
      await hold(machine, targets);
      const before = await persistentServers(machine, clients, 80);
      assertHas(await cluster.untilBackupHasAll('ipvs'), held.length * targets.length, clients.length);
      const { backup } = await cluster.untilSync(({ backup }) => backup?.isSynchronised === true);
      const [master, ...others] = backup?.masters ?? [];
      assert.deepEqual(
        [master?.address, master?.givesTable, others],
        [IPVS_ADDRESS, false, []],
        'there is nobody to ask for a whole table',
      );
      await cluster.changeOver('ebpf', ID);
      await download.finish();
      await assertAllGoOn();
      assert.deepEqual(await persistentServers(machine, clients.toReversed(), 8080), before);
      assert.deepEqual(await cluster.complaints(), []);
    });

    it('vipr tells IPVS of connections and persistence, which go on there', async (cluster, machine) => {
      const download = await PausedDownload.start(machine, VIPS.masquerading.inet);
      await hold(machine, targets);
      // UDP is told of from the third datagram on.
      for (let datagrams = 1; datagrams < 3; datagrams++) await assertAllGoOn();
      const before = await persistentServers(machine, clients, 80);
      assertHas(await cluster.untilBackupHasAll('ebpf'), held.length * targets.length, clients.length);
      await cluster.changeOver('ipvs', ID);
      await download.finish();
      await assertAllGoOn();
      assert.deepEqual(await persistentServers(machine, clients.toReversed(), 8080), before);
      assert.deepEqual(await cluster.complaints(), [], 'beacons and marks are nothing to the kernel');
    });

    if (isWhole)
      it('vipr reads an IPVS that sends version 0, too', async (cluster, machine) => {
        await cluster.setVersion(0);
        await cluster.synchronise('ipvs', IDS);
        await assertAllGoOn();
        await hold(
          machine,
          targets.filter(({ address }) => !address.includes(':')),
        );
        await cluster.untilBackupHasAll('ipvs', OLD_OPEN);
        await cluster.changeOver('ebpf', ID);
        await assertAllGoOn();
        await cluster.setVersion(1);
      });

    lab.it('vipr down leaves nothing', async () => {
      for (const connections of held) await connections.close();
      await made?.stopDaemons();
      await made?.vipr.down();
    });
  });
}

/** TCP and UDP by each family. */
function targetsOf(vips: readonly Readonly<Record<Family, string>>[]): readonly HeldTarget[] {
  return vips.flatMap((vip) =>
    FAMILIES.flatMap((family) =>
      (['tcp', 'udp'] as const).map((protocol) => ({ protocol, address: vip[family] })),
    ),
  );
}

/** Who answers each of the clients: the service on port 80, and that of the firewall mark on the port given. */
async function persistentServers(
  machine: VirtualMachine,
  clients: readonly number[],
  port: number,
): Promise<ReadonlyMap<string, string>> {
  const asks = clients.flatMap((last) =>
    FAMILIES.flatMap((family) => {
      const from = family === 'inet' ? `10.1.0.${last}` : `fd01::${last}`;
      const url = (address: string, urlPort: number): string =>
        family === 'inet' ? `http://${address}:${urlPort}/` : `http://[${address}]:${urlPort}/`;
      return [url(VIPS.persistent[family], 80), url(VIPS.marked[family], port)].map((each) => ({
        from,
        url: each,
      }));
    }),
  );
  const lines = asks.map(
    ({ from, url }) =>
      `ip netns exec ${CALLER} curl --silent --show-error --max-time 20 --interface ${from} '${url}'`,
  );
  const answers = (await machine.expect(`set -e\n${lines.join('\n')}`)).trimEnd().split('\n');
  return new Map(
    asks.map(({ url }, index) => [
      `${answers[index]?.split(' ')[1]} ${url.replace(/:\d+\/$/, '')}`,
      answers[index] ?? '',
    ]),
  );
}

/** So many connections are listed as open, and a template for each client, service and family. */
function assertHas(lines: readonly ConnectionLine[], open: number, clients: number): void {
  const text = lines.map((line) => line.text).join('\n');
  const count = (states: RegExp): number => lines.filter((line) => states.test(line.text)).length;
  assert.ok(count(/ (ESTABLISHED|UDP) /) >= open, text);
  assert.equal(count(/ (NONE|ASSURED) /), 2 * FAMILIES.length * clients, text);
}
