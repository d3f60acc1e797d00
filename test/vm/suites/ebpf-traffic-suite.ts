import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { EbpfDirector } from '../ebpf/ebpf-director.ts';
import { RealServer } from '../ebpf/real-server.ts';
import type { Lab } from '../lab/lab-tests.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { trafficScript } from '../traffic/director.ts';
import { assertMethodTraffic, METHODS } from '../traffic/method.ts';
import { DIRECTOR, SERVERS, trafficNetwork } from '../traffic/network.ts';

const LIMIT_MS = 300_000;
const INTERFACES = ['toclient', 'lan'];

/** Two addresses for each method; entries of one test live on under its own. */
const VIPS = METHODS.map((_, index) => ({
  inet: `192.0.2.${100 + index}`,
  inet6: `2001:db8::${100 + index}`,
}));

/** Real traffic through vipr's engine to servers that `vipr realserver` set up with the kernel's tunnel devices. */
export function ebpfTrafficSuite(lab: Lab): void {
  lab.describe('traffic over the eBPF engine', () => {
    let director: EbpfDirector | undefined;
    const servers: RealServer[] = [];
    const it = (name: string, body: (machine: VirtualMachine, t: TestContext) => Promise<void>): void =>
      lab.it(name, body, LIMIT_MS);

    it('vipr realserver sets servers up with the tunnel devices of the kernel', async (machine) => {
      await trafficNetwork(machine);
      const addresses = VIPS.flatMap(({ inet, inet6 }) => [inet, inet6]);
      for (const name of SERVERS) {
        const server = await RealServer.take(machine, name);
        servers.push(server);
        await server.setUp(addresses);
        assert.deepEqual(await server.tunnelDevices(), ['gre0', 'ip6gre0', 'ip6tnl0', 'sit0', 'tunl0']);
      }
      const [first] = servers;
      const checked = await first?.check(addresses);
      assert.equal(checked?.exitCode, 0, checked?.stdout ?? '');
      assert.match((await first?.setUp(addresses)) ?? '', /^nothing was to change$/m);
    });

    it('the engine takes the director, beside an IPVS without services', async (machine) => {
      await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -C`);
      director = await EbpfDirector.up(machine, {
        namespace: DIRECTOR,
        settings: `connections: 16384\nservices: 64\ndestinations: 256\ninterfaces: [${INTERFACES.join(', ')}]`,
      });
    });

    for (const [index, method] of METHODS.entries())
      for (const family of ['inet', 'inet6'] as const)
        it(`goes to all servers by ${method.name}, TCP and UDP, over ${family}`, async (machine) => {
          assert.ok(director !== undefined, 'the engine runs');
          const { environment } = director;
          const run = (script: string): Promise<string> =>
            trafficScript(machine, `${environment}\n${script}`);
          await run('lvs1 ipvsadm -C');
          await assertMethodTraffic(run, method, family, VIPS[index]?.[family] ?? '');
        });

    it('vipr down and vipr realserver undo leave everything as it was', async () => {
      await director?.down();
      for (const server of servers) {
        await server.undo();
        assert.equal(await server.state(), server.before);
      }
      const [first] = servers;
      assert.equal((await first?.check([VIPS[0]?.inet ?? '']))?.exitCode, 1, 'a server that is not set up');
    });
  });
}
