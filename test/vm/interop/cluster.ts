import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Synchronisation } from '../../../src/api/protocol.ts';
import type { DaemonRole } from '../../../src/model/daemon.ts';
import { EbpfDirector } from '../ebpf/ebpf-director.ts';
import { type ConnectionLine, connectionLines } from '../guest/twin/connection-line.ts';
import { CHECKOUT } from '../lab/cache.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { FIREWALL_MARK, makeInteropNetwork, type Site, turnTo, VIPS } from './network.ts';
import { interopTable } from './table.ts';

const SETTINGS = `connections: 16384
services: 64
destinations: 256
interfaces: [clients, servers]
marks:
- { mark: ${FIREWALL_MARK}, address: ${VIPS.marked.inet} }
- { mark: ${FIREWALL_MARK}, address: "${VIPS.marked.inet6}" }`;
/** sync_threshold and sync_refresh_period: IPVS tells of a connection with the next packet, once in ten seconds. */
const TELLING = { sync_threshold: '3 0', sync_refresh_period: '10' };
const LIMIT_MS = 60_000;
const PAUSE_MS = 500;
const OPEN = /^\w+ (ESTABLISHED|UDP|NONE|ASSURED) /;
/** Seconds that the two lists may lie apart, and a timer be late. */
const TIME_TOLERANCE = 20;
/** Seconds that a backup may be behind: what the third packet told it, while the master counts from the last one. */
const LONGEST_LAG = 120;
const MARK = 'vipr: what IPVS logs from here on';
/** What it logs where all is well. */
const USUAL =
  /sync thread started|stopping (master|backup) sync thread|scheduler registered|estimator thread|ests per chain/;

/** Two directors with the same services, of which each can be the other's backup. */
export class InteropCluster {
  readonly machine: VirtualMachine;
  readonly vipr: EbpfDirector;
  /** Of the daemons that run. */
  readonly #roles = new Map<Site, DaemonRole>();

  private constructor(machine: VirtualMachine, vipr: EbpfDirector) {
    this.machine = machine;
    this.vipr = vipr;
  }

  /** IPVS has the services and serves the clients; vipr gets what IPVS's own ipvsadm saves. */
  static async make(machine: VirtualMachine): Promise<InteropCluster> {
    await makeInteropNetwork(machine);
    const vipr = await EbpfDirector.up(machine, { namespace: 'ebpf', settings: SETTINGS });
    const cluster = new InteropCluster(machine, vipr);
    await machine.expect(`set -e
      echo '${MARK}' >/dev/kmsg
      ${turnTo('ipvs')}
      ${cluster.#ipvsadm('ipvs', '-R')} <<'END'
${interopTable()}END
      ${Object.entries(TELLING)
        .map(([name, value]) => sysctl(name, value))
        .join('\n')}
      ${cluster.#ipvsadm('ipvs', '-Sn')} >/tmp/saved
      ${cluster.#ipvsadm('ebpf', '-R')} </tmp/saved
      ${cluster.#ipvsadm('ebpf', '-Sn')} | diff /tmp/saved -`);
    return cluster;
  }

  /** Ends the daemons of both, and starts a master at the one and a backup at the other. */
  async synchronise(
    master: Site,
    syncIds: { readonly master: number; readonly backup: number },
  ): Promise<void> {
    await this.stopDaemons();
    this.#roles.set(other(master), 'backup').set(master, 'master');
    const starts = [...this.#roles].map(([site, role]) =>
      this.#ipvsadm(site, `--start-daemon ${role} --mcast-interface servers --syncid ${syncIds[role]}`),
    );
    await this.machine.expect(`set -e\n${starts.join('\n')}`);
  }

  async stopDaemons(): Promise<void> {
    const stops = [...this.#roles].map(([site, role]) => this.#ipvsadm(site, `--stop-daemon ${role}`));
    this.#roles.clear();
    await this.machine.expect(`set -e\n${stops.join('\n')}`);
  }

  /** The sysctl sync_version of IPVS. */
  async setVersion(version: 0 | 1): Promise<void> {
    await this.machine.expect(sysctl('sync_version', `${version}`));
  }

  /** Has clients and servers send by that director from now on, which becomes the master of synchronisation. */
  async changeOver(site: Site, syncId: number): Promise<void> {
    await this.machine.expect(`set -e\n${turnTo(site)}`);
    await this.synchronise(site, { master: syncId, backup: syncId });
  }

  async connections(site: Site): Promise<readonly ConnectionLine[]> {
    return connectionLines(await this.machine.expect(this.#ipvsadm(site, '-Lcn')));
  }

  /**
   * Waits until the backup lists all open connections and all templates of the master, each as the master does; resolves to what it lists. `of`
   * chooses lines: protocol, state, client, VIP, server.
   */
  async untilBackupHasAll(master: Site, of = OPEN): Promise<readonly ConnectionLine[]> {
    for (const end = Date.now() + LIMIT_MS; ; await delay(PAUSE_MS)) {
      const wanted = (await this.connections(master)).filter(({ text }) => of.test(text));
      const found = await this.connections(other(master));
      const missing = wanted.filter((line) => !found.some((each) => tellsOf(line, each)));
      if (missing.length === 0) return found;
      if (Date.now() < end) continue;
      const text = (lines: readonly ConnectionLine[]) =>
        lines.map((line) => `${line.text} ${line.seconds}`).join('\n');
      assert.fail(
        `the backup lacks\n${text(missing)}\nand has\n${text(found)}\nvipr:\n${await this.vipr.log()}`,
      );
    }
  }

  /** What `vipr sync` tells, once it is as asked for. */
  async untilSync(isWanted: (found: Synchronisation) => boolean): Promise<Synchronisation> {
    for (const end = Date.now() + LIMIT_MS; ; await delay(PAUSE_MS)) {
      // It fails while a backup is not synchronised.
      const found = JSON.parse(await this.vipr.vipr('sync --json || true')) as Synchronisation;
      if (isWanted(found)) return found;
      if (Date.now() > end)
        assert.fail(`vipr sync: ${JSON.stringify(found, null, 2)}\n${await this.vipr.log()}`);
    }
  }

  /** What IPVS has in the kernel's log since the cluster was made: everything that a backup could not make use of. */
  async complaints(): Promise<readonly string[]> {
    const log = await this.machine.expect('dmesg');
    const lines = log.slice(log.lastIndexOf(MARK)).split('\n');
    return lines.filter((line) => line.includes('IPVS: ') && !USUAL.test(line));
  }

  #ipvsadm(site: Site, words: string): string {
    if (site === 'ipvs') return `ip netns exec ipvs /usr/sbin/ipvsadm ${words}`;
    return `env ${this.vipr.environment.replace('export ', '')} ip netns exec ebpf ${join(CHECKOUT, 'bin/ipvsadm')} ${words}`;
  }
}

function other(site: Site): Site {
  return site === 'ipvs' ? 'ebpf' : 'ipvs';
}

/** Sets one of IPVS's. */
function sysctl(name: string, value: string): string {
  return `ip netns exec ipvs sh -c 'echo ${value} >/proc/sys/net/ipv4/vs/${name}'`;
}

/**
 * Whether a line of the backup is what it has to have for one of the master. IPVS tells of a template when it is new, and of what it is later only
 * with the next refresh.
 */
function tellsOf(master: ConnectionLine, backup: ConnectionLine): boolean {
  const text = (line: ConnectionLine): string => line.text.replace(' NONE ', ' ASSURED ');
  const lag = master.seconds - backup.seconds;
  return text(master) === text(backup) && lag >= -TIME_TOLERANCE && lag <= LONGEST_LAG;
}
