import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManagedDirector, type Manager } from '../keepalived/director.ts';
import { CHECKOUT } from '../lab/cache.ts';
import type { Lab } from '../lab/lab-tests.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { BACKUP, CLIENT, DIRECTOR, SERVERS, trafficNetwork } from '../traffic/network.ts';

const LIMIT_MS = 300_000;
const VIP = '192.0.2.70';
const ID = 70;
/** What is between the two directors, seen from each, and where the client finds them. */
const SITES = {
  [DIRECTOR]: { device: 'lan', route: 'via 10.1.0.1 dev eth0' },
  [BACKUP]: { device: 'eth0', route: 'via 10.2.0.2 dev eth1 onlink' },
} as const;
type Site = keyof typeof SITES;

/** The kernel's synchronisation daemons, which vipr and Debian's keepalived have follow VRRP: connections go on with the next master. */
export function syncDaemonSuite(lab: Lab): void {
  lab.describe('synchronisation daemons of IPVS', () => {
    const running = new Map<Site, ManagedDirector>();
    const it = (name: string, body: (machine: VirtualMachine) => Promise<void>): void =>
      lab.it(name, (machine) => told(running, () => body(machine)), LIMIT_MS);
    const start = async (machine: VirtualMachine, site: Site, manager: Manager, priority: number) => {
      const text = manager === 'vipr' ? viprYaml(site, priority) : keepalivedConf(site, priority);
      running.set(site, await ManagedDirector.start(machine, manager, site, text));
    };
    const end = async (site: Site) => {
      await running.get(site)?.stop();
      running.delete(site);
    };

    it('follow the state of VRRP instances', async (machine) => {
      await trafficNetwork(machine);
      for (const site of [DIRECTOR, BACKUP] as const) {
        await machine.expect(`ip netns exec ${site} /usr/sbin/ipvsadm -C`);
        await start(machine, site, 'vipr', site === DIRECTOR ? 150 : 100);
      }
      await untilDaemon(machine, DIRECTOR, 'master');
      await untilDaemon(machine, BACKUP, 'backup');
    });

    it('that the original ipvsadm stops are told with their reason, and with repair started again', async (machine) => {
      const director = running.get(DIRECTOR);
      const name = `the master synchronisation daemon on ${SITES[DIRECTOR].device}, ID ${ID}`;
      await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm --stop-daemon master`);
      await untilLogged(director, `drift: another program stopped ${name}`);
      assert.equal(await daemonsOf(machine, DIRECTOR), '');
      const told = await machine.expect(
        `${director?.environment}; ${join(CHECKOUT, 'bin/vipr')} sync || true`,
      );
      assert.match(told, /^master {2}does NOT run, for \d+ s now: another program stopped it$/m);
      await director?.reload(`${viprYaml(DIRECTOR, 150)}drift: repair\n`);
      await untilDaemon(machine, DIRECTOR, 'master');
      await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm --stop-daemon master`);
      await untilLogged(director, `drift repaired: started ${name}`);
      await untilDaemon(machine, DIRECTOR, 'master');
    });

    it('tell the backup of a connection, which goes on when the master is killed', async (machine) => {
      await openConnection(machine, DIRECTOR, BACKUP);
      await running.get(DIRECTOR)?.kill();
      running.delete(DIRECTOR);
      await untilDaemon(machine, BACKUP, 'master');
      await continueConnection(machine, BACKUP);
    });

    it('become what they are to be when it comes back, and end with their directors', async (machine) => {
      assert.match(await daemonsOf(machine, DIRECTOR), /^master /m, 'that of the killed one is left');
      await start(machine, DIRECTOR, 'vipr', 150);
      await untilDaemon(machine, BACKUP, 'backup');
      await untilDaemon(machine, DIRECTOR, 'master');
      await end(DIRECTOR);
      await untilDaemon(machine, BACKUP, 'master');
      assert.equal(await daemonsOf(machine, DIRECTOR), '');
      await end(BACKUP);
      assert.equal(await daemonsOf(machine, BACKUP), '');
    });

    it("carry connections from vipr to Debian's keepalived", async (machine) => {
      await start(machine, BACKUP, 'keepalived', 100);
      await untilDaemon(machine, BACKUP, 'master');
      await start(machine, DIRECTOR, 'vipr', 150);
      await untilDaemon(machine, DIRECTOR, 'master');
      await untilDaemon(machine, BACKUP, 'backup');
      await openConnection(machine, DIRECTOR, BACKUP);
      await end(DIRECTOR);
      await untilDaemon(machine, BACKUP, 'master');
      await continueConnection(machine, BACKUP);
    });

    it('and from keepalived to vipr', async (machine) => {
      await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -C`);
      await start(machine, DIRECTOR, 'vipr', 50);
      await untilDaemon(machine, DIRECTOR, 'backup');
      await openConnection(machine, BACKUP, DIRECTOR);
      await end(BACKUP);
      await untilDaemon(machine, DIRECTOR, 'master');
      await continueConnection(machine, DIRECTOR);
      await end(DIRECTOR);
      await machine.expect(`ip -n ${CLIENT} route del ${VIP}
        for n in ${DIRECTOR} ${BACKUP}; do ip netns exec $n /usr/sbin/ipvsadm -C; done`);
    });
  });
}

function viprYaml(site: Site, priority: number): string {
  const { device } = SITES[site];
  return `engine: ipvs
vrrp:
  instances:
    - { name: web, interface: ${device}, id: ${ID}, version: 2, priority: ${priority}, addresses: [${VIP}/32] }
sync: [{ follow: web, interface: ${device} }]
services:
  - service: tcp ${VIP}:80
    scheduler: rr
    destinations:
${SERVERS.map((_, index) => `      - { address: "10.2.0.1${index + 1}:80", method: direct }`).join('\n')}
`;
}

function keepalivedConf(site: Site, priority: number): string {
  const { device } = SITES[site];
  return `global_defs {
    lvs_sync_daemon ${device} web
}
vrrp_instance web {
    state BACKUP
    interface ${device}
    virtual_router_id ${ID}
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${VIP}/32
    }
}
virtual_server ${VIP} 80 {
    lvs_sched rr
    lvs_method DR
    protocol TCP
${SERVERS.map((_, index) => `    real_server 10.2.0.1${index + 1} 80 {\n        weight 1\n    }`).join('\n')}
}
`;
}

/** As the original ipvsadm lists them. */
function daemonsOf(machine: VirtualMachine, site: Site): Promise<string> {
  return machine.expect(`ip netns exec ${site} /usr/sbin/ipvsadm -L --daemon`);
}

async function untilLogged(director: ManagedDirector | undefined, text: string): Promise<void> {
  for (const end = Date.now() + LIMIT_MS / 3; !(await director?.log())?.includes(text); await sleep(500))
    if (Date.now() > end) throw new Error(`the log does not have: ${text}`);
}

/** Waits until the one daemon that runs there has the role and the ID of the virtual router. */
async function untilDaemon(machine: VirtualMachine, site: Site, role: string): Promise<void> {
  const wanted = `${role} sync daemon (mcast=${SITES[site].device}, syncid=${ID},`;
  await machine.expect(
    `for i in $(seq 120); do
      text=$(ip netns exec ${site} /usr/sbin/ipvsadm -L --daemon)
      case "$text" in "${wanted}"*) [ "$(echo "$text" | wc -l)" = 1 ] && exit 0;; esac
      sleep 0.5
    done
    echo "${site} is no ${role}: $text"; exit 1`,
    120_000,
  );
}

/** Has the client open a connection through `through`, which stays, and waits until `other` knows it. */
async function openConnection(machine: VirtualMachine, through: Site, other: Site): Promise<void> {
  await machine.expect(
    `rm -f /tmp/ask /tmp/answers; mkfifo /tmp/ask
    ${routeOver(through)}
    ip netns exec ${CLIENT} setsid bash -c '
      exec 3<>/dev/tcp/${VIP}/80 4<>/tmp/ask
      while read -r line <&4; do
        printf "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" >&3
        while read -r answer <&3; do case "$answer" in rs*) echo "$answer"; break;; esac; done
      done' >/tmp/answers 2>&1 </dev/null &
    echo $! >/tmp/asker
    for i in 1 2 3; do
      echo >/tmp/ask
      until [ "$(wc -l </tmp/answers)" -ge $i ]; do sleep 0.2; done
    done
    # Directors may still list older ones.
    port=$(ip netns exec ${CLIENT} ss -Htn state established dst ${VIP} | sed -n 's/.* 10.3.0.2:\\([0-9]*\\) .*/\\1/p')
    for i in $(seq 60); do
      ip netns exec ${other} /usr/sbin/ipvsadm -Lcn | grep "ESTABLISHED 10.3.0.2:$port " && exit 0
      sleep 0.5
    done
    cat /tmp/answers
    for n in ${through} ${other}; do echo $n; ip netns exec $n /usr/sbin/ipvsadm -Lcn; done
    exit 1`,
    120_000,
  );
}

/** Sends another request over the same connection through another director; the same server answers. */
async function continueConnection(machine: VirtualMachine, through: Site): Promise<void> {
  const answers = await machine.expect(
    `${routeOver(through)}
    echo >/tmp/ask
    for i in $(seq 60); do [ "$(wc -l </tmp/answers)" -ge 4 ] && break; sleep 0.5; done
    cat /tmp/answers
    kill $(cat /tmp/asker)`,
    60_000,
  );
  assert.match(answers, /^(rs\d 10\.3\.0\.2)\n(?:\1\n){3}$/);
}

/** Servers answer the client straight, from its other interface's network. */
function routeOver(site: Site): string {
  return `ip -n ${CLIENT} route replace ${VIP} ${SITES[site].route} src 10.3.0.2`;
}

async function told(running: ReadonlyMap<Site, ManagedDirector>, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    const logs = await Promise.all([...running].map(async ([site, each]) => `${site}:\n${await each.log()}`));
    throw new Error(`${error instanceof Error ? error.message : error}\n${logs.join('\n')}`, {
      cause: error,
    });
  }
}
