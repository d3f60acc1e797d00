import assert from 'node:assert/strict';
import type { Family } from '../../../src/model/address.ts';
import { FAMILIES, GUE_PORT, SERVERS } from './network.ts';

/** How packets reach a server, and the device there that unpacks them. */
export const METHODS = [
  { name: 'NAT', options: '-m', nat: true },
  { name: 'direct routing', options: '-g' },
  { name: 'an IPIP tunnel', options: '-i --tun-type ipip', device: { inet: 'tunl0', inet6: 'ip6tnl0' } },
  {
    name: 'a GUE tunnel',
    options: `-i --tun-type gue --tun-port ${GUE_PORT}`,
    device: { inet: 'tunl0', inet6: 'ip6tnl0' },
  },
  {
    name: 'a GUE tunnel with checksums',
    options: `-i --tun-type gue --tun-port ${GUE_PORT} --tun-csum`,
    device: { inet: 'tunl0', inet6: 'ip6tnl0' },
  },
  { name: 'a GRE tunnel', options: '-i --tun-type gre', device: { inet: 'gre0', inet6: 'ip6gre0' } },
] as const;

export type Method = (typeof METHODS)[number];

/** Runs a script as {@link trafficScript} does, and resolves to what it printed. */
export type RunScript = (script: string) => Promise<string>;

/** curl and datagrams get to all servers, by the method, under a VIP that has no services yet; throws where they do not. */
export async function assertMethodTraffic(
  run: RunScript,
  method: Method,
  family: Family,
  virtual: string,
): Promise<void> {
  const { servers, throughDirector, pastDirector } = FAMILIES[family];
  const url = family === 'inet' ? virtual : `[${virtual}]`;
  const side = 'nat' in method ? 'throughDirector' : 'pastDirector';
  const client = 'nat' in method ? throughDirector : pastDirector;
  const device = 'device' in method ? method.device[family] : 'eth0';
  const reals = (service: string, port: number): string =>
    servers.map((server) => `-a ${service} -r ${hostPort(server, port)} ${method.options}\n`).join('');
  const received = `cat /sys/class/net/${device}/statistics/rx_packets`;
  const output = await run(
    `client_is ${FAMILIES.inet[side]} ${FAMILIES.inet6[side]}
    lvs1 ipvsadm -R <<'END'
-A -t ${url}:80 -s rr
${reals(`-t ${url}:80`, 80)}-A -u ${url}:53 -s rr
${reals(`-u ${url}:53`, 53)}END
    before=$(on rs1 ${received})
    fetch http://${url}/ 6
    ask ${virtual} 3
    echo received $(($(on rs1 ${received}) - before))
    lvs1 ipvsadm -Ln`,
  );
  const lines = output.trimEnd().split('\n');
  const answers = (part: readonly string[], each: number): void =>
    assert.deepEqual(
      part.toSorted(),
      SERVERS.flatMap((name) => Array(each).fill(`${name} ${client}`)),
      output,
    );
  answers(lines.slice(0, 6), 2);
  answers(lines.slice(6, 9), 1);
  const packets = Number(/^received (\d+)$/.exec(lines[9] ?? '')?.[1]);
  assert.ok(packets >= 9, `rs1 received ${packets} packets on ${device}:\n${output}`);
  const counts = lines.slice(10).map((line) => /^ {2}-> .* (\d+) *$/.exec(line)?.[1] ?? '');
  assert.equal(counts.join(''), '222111', output);
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
