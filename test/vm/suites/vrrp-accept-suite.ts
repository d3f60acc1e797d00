import assert from 'node:assert/strict';
import { ManagedDirector } from '../keepalived/director.ts';
import type { Lab } from '../lab/lab-tests.ts';
import { trafficScript } from '../traffic/director.ts';
import { DIRECTOR, FAMILIES, trafficNetwork } from '../traffic/network.ts';

const LIMIT_MS = 240_000;
const VIPS = { inet: '192.0.2.70', inet6: '2001:db8::70' } as const;

const CONFIGURATION = `engine: ipvs
vrrp:
  instances:
${(['inet', 'inet6'] as const)
  .map(
    (family) => `    - name: ${family}
      interface: toclient
      id: 70
      accept: false
      virtual-mac: { interface: v${family} }
      addresses: ["${VIPS[family]}"]
`,
  )
  .join('')}services:
${(['inet', 'inet6'] as const)
  .map((family) => {
    const bracketed = (address: string) => (family === 'inet' ? address : `[${address}]`);
    return `  - service: udp ${bracketed(VIPS[family])}:53
    destinations: [{ address: "${bracketed(FAMILIES[family].servers[0])}:53" }]
`;
  })
  .join('')}`;

/** VRRP's virtual MAC address and `accept: false` on the kernel's IPVS, which takes packets for its services before they are dropped. */
export function vrrpAcceptSuite(lab: Lab): void {
  lab.describe('VRRP in front of IPVS', () => {
    lab.it(
      'services are served on addresses that accept nothing else',
      async (machine) => {
        await trafficNetwork(machine);
        await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -C`);
        const director = await ManagedDirector.start(machine, 'vipr', DIRECTOR, CONFIGURATION);
        try {
          const { inet, inet6 } = FAMILIES;
          const output = await trafficScript(
            machine,
            `client_is ${inet.throughDirector} ${inet6.throughDirector}
            for vip in ${VIPS.inet} ${VIPS.inet6}; do
              until lvs1 ip -o addr show up | grep -q " $vip/"; do sleep 0.5; done
              ask $vip 2
              client ping -n -c 1 -W 2 $vip | grep transmitted || true
            done
            lvs1 nft list ruleset`,
            LIMIT_MS,
          );
          assert.equal(output.match(/^rs1 /gm)?.length, 4, output);
          assert.equal(output.match(/1 packets transmitted, 0 received/g)?.length, 2, output);
          assert.match(output, /table inet vipr_vrrp/);
        } catch (error) {
          throw new Error(`${error instanceof Error ? error.message : error}\n${await director.log()}`, {
            cause: error,
          });
        } finally {
          await director.stop();
          await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -C`);
        }
      },
      LIMIT_MS,
    );
  });
}
