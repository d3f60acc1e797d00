import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { CLONE_NEWNET } from '../../../src/system/constants.ts';
import { unshare } from '../../../src/system/libc.ts';
import { SystemCallError } from '../../../src/system/system-call-error.ts';

/** An interface of the director. */
export interface TestDevice {
  readonly name: string;
  readonly ifindex: number;
  readonly mac: string;
}

/** What lies before and behind the director. Every client is reached through one router, whose link-layer address is known. */
export interface TestNetwork {
  readonly clients: TestDevice;
  readonly servers: TestDevice;
}

/** Where replies go. */
export const ROUTER_MAC = '02:00:00:00:00:01';
/** Where `ethernet()` of test/packet sends frames to. */
const CLIENTS_MAC = '02:00:00:00:00:02';
const SERVERS_MAC = '02:00:00:00:00:03';

/**
 * Takes the calling thread into a network namespace of its own, which ends with the process: two devices with nobody
 * behind them, and routes. Returns why that cannot be, for a skip.
 */
export function makeTestNetwork(): TestNetwork | string {
  if (unshare(CLONE_NEWNET) !== 0)
    return `needs a network namespace of its own: ${new SystemCallError('unshare').message}`;
  const run = spawnSync('ip', ['-batch', '-'], { encoding: 'utf8', input: BATCH });
  if (run.status !== 0) return `needs ip and veth: ${run.error?.message ?? run.stderr.trim()}`;
  for (const file of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'])
    writeFileSync(`/proc/sys/net/${file}`, '1');
  return { clients: device('clients', CLIENTS_MAC), servers: device('servers', SERVERS_MAC) };
}

const BATCH = `
link set lo up
link add clients address ${CLIENTS_MAC} type veth peer name clients-end
link add servers address ${SERVERS_MAC} type veth peer name servers-end
${['clients', 'clients-end', 'servers', 'servers-end'].map((name) => `link set ${name} addrgenmode none up`).join('\n')}
addr add 10.1.255.1/24 dev clients
addr add fd01:0:ff::1/64 dev clients nodad
addr add 10.2.0.1/16 dev servers
addr add fd02::1/64 dev servers nodad
neigh add 10.1.255.254 lladdr ${ROUTER_MAC} nud permanent dev clients
neigh add fd01:0:ff::fe lladdr ${ROUTER_MAC} nud permanent dev clients
route add default via 10.1.255.254 dev clients
route add default via fd01:0:ff::fe dev clients
`;

/** By rtnetlink's view of this thread, as sysfs shows the namespace that it was mounted in. */
function device(name: string, mac: string): TestDevice {
  const run = spawnSync('ip', ['-j', 'link', 'show', 'dev', name], { encoding: 'utf8' });
  return { name, ifindex: JSON.parse(run.stdout)[0].ifindex, mac };
}
