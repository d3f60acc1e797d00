import assert from 'node:assert/strict';
import { ManagedDirector } from '../keepalived/director.ts';
import type { Lab } from '../lab/lab-tests.ts';
import { trafficScript } from '../traffic/director.ts';
import { DIRECTOR, FAMILIES, SERVERS, trafficNetwork } from '../traffic/network.ts';

const LIMIT_MS = 240_000;
const { inet } = FAMILIES;
const VIP = '192.0.2.60';

/** A server is alive while its file is there: a check by a script, since the servers of UDP answer nothing that could be asked for. */
const CONFIGURATION = `engine: ipvs
check-defaults: { interval: 1s, timeout: 5s, retry: 0, warmup: 0 }
services:
  - service: udp ${VIP}:53
    scheduler: rr
    persistence: { timeout: 300 }
    destinations:
${inet.servers
  .map(
    (address, index) => `      - address: ${address}:53
        checks: [{ type: misc, command: /usr/bin/test -e /tmp/up-${SERVERS[index]} }]`,
  )
  .join('\n')}
`;

/** The director's checks, purges and drains on the kernel's IPVS. */
export function ipvsHealthSuite(lab: Lab): void {
  lab.describe('health on IPVS', () => {
    lab.it(
      'a persistent client goes to another server at once when its own fails, and is drained away from it',
      async (machine) => {
        await trafficNetwork(machine);
        await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -C
          touch ${SERVERS.map((name) => `/tmp/up-${name}`).join(' ')}`);
        const director = await ManagedDirector.start(machine, 'vipr', DIRECTOR, CONFIGURATION);
        try {
          const output = await trafficScript(
            machine,
            `${director.environment}
            client_is ${inet.throughDirector} ${FAMILIES.inet6.throughDirector}
            listed() { lvs1 /usr/sbin/ipvsadm -Ln -u ${VIP}:53 | grep -c -e '->.*:53'; }
            until [ "$(listed)" = 3 ]; do sleep 0.5; done
            first=$(ask ${VIP} 2 | cut -d ' ' -f 1 | uniq)
            echo first $first
            lvs1 vipr explain ${inet.throughDirector} ${VIP}:53 --udp | head -n 1
            rm /tmp/up-$first
            until [ "$(listed)" = 2 ]; do sleep 0.5; done
            second=$(ask ${VIP} 2 | cut -d ' ' -f 1 | uniq)
            echo second $second
            touch /tmp/up-$first
            until [ "$(listed)" = 3 ]; do sleep 0.5; done
            echo back $(ask ${VIP} 1 | cut -d ' ' -f 1)
            lvs1 vipr drain 10.2.0.1\${second#rs} --deadline 2s --then leave || true
            echo drained $(ask ${VIP} 1 | cut -d ' ' -f 1)
            lvs1 vipr drain
            lvs1 vipr restore 10.2.0.1\${second#rs} >/dev/null
            lvs1 /usr/sbin/ipvsadm -Ln -u ${VIP}:53`,
            LIMIT_MS,
          );
          const word = (name: string): string => new RegExp(`^${name} (rs\\d)$`, 'm').exec(output)?.[1] ?? '';
          const [first, second, drained] = [word('first'), word('second'), word('drained')];
          assert.ok(first !== '' && second !== '' && first !== second, output);
          assert.equal(word('back'), second, 'persistence holds where the server lives');
          assert.ok(drained !== '' && drained !== second, output);
          assert.match(output, new RegExp(`10\\.2\\.0\\.1${first.slice(2)}:53`), 'explain names the server');
          assert.equal(output.match(/-> 10\.2\.0\.\d+:53 +Masq +1 /g)?.length, 3, output);
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
