import assert from 'node:assert/strict';
import type { Lab } from '../lab/lab-tests.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { trafficScript } from '../traffic/director.ts';
import { assertSameLists } from '../traffic/lists.ts';
import { assertMethodTraffic, METHODS } from '../traffic/method.ts';
import { BACKUP, DIRECTOR, FAMILIES, SERVERS, trafficNetwork } from '../traffic/network.ts';

const { inet, inet6 } = FAMILIES;

/** Of these all lists are compared also where only a part is run. */
const LISTED = ['NAT inet', 'a GUE tunnel inet6'];

/** The VIPs of a test: connections and servers of earlier tests live on in the kernel under theirs. */
type Vip = Readonly<Record<'inet' | 'inet6', string>>;

type Body = (machine: VirtualMachine, vip: Vip) => Promise<void>;

/** Real traffic through the guest's IPVS, which vipr's ipvsadm sets up: nginx behind it, curl in front of it. */
export function trafficSuite(lab: Lab): void {
  lab.describe('traffic', () => {
    let tests = 0;
    const it = (name: string, compareLists: boolean, body: Body): void => {
      const last = 10 + tests++;
      const vip: Vip = { inet: `192.0.2.${last}`, inet6: `2001:db8::${last}` };
      lab.it(name, async (machine) => {
        await trafficNetwork(machine);
        await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -C`);
        await body(machine, vip);
        // takes seconds, as the lists have to stand still
        if (compareLists || lab.extent === 'whole') await assertSameLists(machine, DIRECTOR);
      });
    };

    for (const method of METHODS) {
      for (const family of ['inet', 'inet6'] as const) {
        const name = `goes to all servers by ${method.name}, TCP and UDP, over ${family}`;
        it(name, LISTED.includes(`${method.name} ${family}`), (machine, vip) =>
          assertMethodTraffic((script) => trafficScript(machine, script), method, family, vip[family]),
        );
      }
    }

    it(
      'keeps clients with their servers by persistence, single ones and networks',
      true,
      async (machine, vip) => {
        const output = await trafficScript(
          machine,
          `client_is ${inet.throughDirector} ${inet6.throughDirector}
        ip -n client addr replace 10.1.0.3/16 dev eth0
        ip -n client addr replace 10.1.9.3/16 dev eth0
        lvs1 ipvsadm -R <<'END'
-A -t ${vip.inet}:80 -s rr -p 60 -M 255.255.255.0
${inet.servers.map((server) => `-a -t ${vip.inet}:80 -r ${server} -m`).join('\n')}
END
        fetch "--interface 10.1.0.2 http://${vip.inet}/" 2
        fetch "--interface 10.1.0.3 http://${vip.inet}/" 2
        fetch "--interface 10.1.9.3 http://${vip.inet}/" 2
        lvs1 ipvsadm -Ln --persistent-conn
        lvs1 ipvsadm -Lcn`,
        );
        const [first = '', ...others] = output
          .split('\n')
          .slice(0, 6)
          .map((line) => line.split(' ')[0]);
        assert.ok(
          others.slice(0, 3).every((server) => server === first),
          output,
        );
        assert.ok(others[3] === others[4] && others[3] !== first, output);
        assert.match(
          output,
          /^TCP 0[01]:\d\d +(NONE|ASSURED) +10\.1\.0\.0:0 +192\.0\.2\.\d+:80 +10\.2\.0\.\d+:80$/m,
        );
        assert.match(output, /^ {2}-> 10\.2\.0\.\d+:80 +1 +1 +0 +4 +$/m);
      },
    );

    it('stops at thresholds, and goes on below them', false, async (machine, vip) => {
      const output = await trafficScript(
        machine,
        `client_is ${inet.throughDirector} ${inet6.throughDirector}
        lvs1 ipvsadm -R <<'END'
-A -u ${vip.inet}:53 -s rr
-a -u ${vip.inet}:53 -r ${inet.servers[0]} -m -x 2 -y 1
-a -u ${vip.inet}:53 -r ${inet.servers[1]} -m -x 1
END
        ask ${vip.inet} 3
        ask ${vip.inet} 1 2>&1 || echo refused
        lvs1 ipvsadm -Ln --thresholds
        lvs1 ipvsadm -e -u ${vip.inet}:53 -r ${inet.servers[1]} -m -x 5
        ask ${vip.inet} 2`,
      );
      const lines = output.trimEnd().split('\n');
      assert.deepEqual(lines.slice(0, 3).map(serverOf).toSorted(), ['rs1', 'rs1', 'rs2']);
      assert.match(output, /refused/);
      assert.match(output, /^ {2}-> 10\.2\.0\.11:53 +2 +1 +0 +2 +$/m);
      assert.deepEqual(lines.slice(-2).map(serverOf), ['rs2', 'rs2'], output);
    });

    it(
      'lets connections of a quiesced server go on, and gives it no new ones',
      false,
      async (machine, vip) => {
        const output = await trafficScript(
          machine,
          `client_is ${inet.throughDirector} ${inet6.throughDirector}
        lvs1 ipvsadm -R <<'END'
-A -t ${vip.inet}:80 -s wlc
-a -t ${vip.inet}:80 -r ${inet.servers[0]} -m -w 5
END
        client bash -c '
          exec 3<>/dev/tcp/${vip.inet}/80
          echo held
          while [ ! -e /tmp/quiesced ]; do sleep 0.2; done
          printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3
          tail -n 1 <&3' >/tmp/held &
        while ! grep -q held /tmp/held; do sleep 0.2; done
        lvs1 ipvsadm -a -t ${vip.inet}:80 -r ${inet.servers[1]} -m
        lvs1 ipvsadm -e -t ${vip.inet}:80 -r ${inet.servers[0]} -m -w 0
        fetch http://${vip.inet}/ 3
        lvs1 ipvsadm -Ln
        touch /tmp/quiesced
        wait
        cat /tmp/held`,
        );
        const lines = output.trimEnd().split('\n');
        assert.deepEqual(lines.slice(0, 3).map(serverOf), ['rs2', 'rs2', 'rs2']);
        assert.match(output, /^ {2}-> 10\.2\.0\.11:80 +Masq +0 +1 +0 +$/m);
        assert.equal(serverOf(lines.at(-1)), 'rs1', output);
      },
    );

    it('keeps ports together under a firewall mark that nftables sets', true, async (machine, vip) => {
      const output = await trafficScript(
        machine,
        `client_is ${inet.throughDirector} ${inet6.throughDirector}
        lvs1 nft -f - <<'END'
          table inet marks {
            chain arriving {
              type filter hook prerouting priority mangle;
              ip daddr ${vip.inet} tcp dport { 80, 8080 } meta mark set 5
              ip6 daddr ${vip.inet6} tcp dport { 80, 8080 } meta mark set 5
            }
          }
END
        lvs1 ipvsadm -R <<'END'
-A -f 5 -s rr -p 100
${inet.servers.map((server) => `-a -f 5 -r ${server} -m`).join('\n')}
-A -f 5 -6 -s rr -p 100
${inet6.servers.map((server) => `-a -f 5 -6 -r [${server}]:0 -m`).join('\n')}
END
        fetch "http://${vip.inet}/ http://${vip.inet}:8080/" 2
        fetch "http://[${vip.inet6}]/ http://[${vip.inet6}]:8080/" 2
        lvs1 ipvsadm -Lcn
        lvs1 nft delete table inet marks`,
      );
      const servers = output.split('\n').map(serverOf);
      for (const part of [servers.slice(0, 4), servers.slice(4, 8)]) {
        assert.ok(
          SERVERS.some((server) => part.every((answer) => answer === server)),
          output,
        );
      }
      assert.match(output, /^IP +01:\d\d +ASSURED +10\.1\.0\.2:0 +0\.0\.0\.5:0 +10\.2\.0\.\d+:0$/m);
    });

    it('schedules every datagram alone with -o', false, async (machine, vip) => {
      const output = await trafficScript(
        machine,
        `client_is ${inet.pastDirector} ${inet6.pastDirector}
        lvs1 ipvsadm -R <<'END'
-A -u ${vip.inet}:53 -s rr -o
${inet.servers.map((server) => `-a -u ${vip.inet}:53 -r ${server} -g`).join('\n')}
END
        client timeout 20 bash -c '
          exec 3<>/dev/udp/${vip.inet}/53
          for i in 1 2 3; do echo >&3; head -n 1 <&3; done'
        counted ${vip.inet}:53 3
        lvs1 ipvsadm -Ln --stats`,
      );
      assert.deepEqual(output.split('\n').slice(0, 3).map(serverOf).toSorted(), SERVERS, output);
      assert.match(output, /^UDP {2}192\.0\.2\.\d+:53 +3 +3 +0 +\d+ +0$/m);
    });

    it(
      'gives new connections the timeouts of --set, and counts anew after -Z',
      false,
      async (machine, vip) => {
        const output = await trafficScript(
          machine,
          `client_is ${inet.throughDirector} ${inet6.throughDirector}
        lvs1 ipvsadm -A -u ${vip.inet}:53
        lvs1 ipvsadm -a -u ${vip.inet}:53 -r ${inet.servers[0]} -m
        lvs1 ipvsadm --set 100 50 40
        lvs1 ipvsadm -L --timeout
        ask ${vip.inet} 1
        lvs1 ipvsadm -Lcn | grep ${vip.inet}:53
        counted ${vip.inet}:53 1
        lvs1 ipvsadm -Z -u ${vip.inet}:53
        lvs1 ipvsadm -Ln --stats
        ask ${vip.inet} 2
        counted ${vip.inet}:53 2
        lvs1 ipvsadm -Ln --stats
        lvs1 ipvsadm --set 900 120 300`,
        );
        assert.match(output, /^Timeout \(tcp tcpfin udp\): 100 50 40$/m);
        assert.match(output, /^UDP 00:[34]\d +UDP/m);
        assert.match(output, /^UDP {2}192\.0\.2\.\d+:53 +0 +0 +0 +0 +0$/m);
        assert.match(output, /^UDP {2}192\.0\.2\.\d+:53 +2 +2 +2 +\d+ +\d+$/m);
      },
    );

    it('shows rates while traffic flows', true, async (machine, vip) => {
      const output = await trafficScript(
        machine,
        `client_is ${inet.throughDirector} ${inet6.throughDirector}
        lvs1 ipvsadm -A -t ${vip.inet}:80 -s rr
        lvs1 ipvsadm -a -t ${vip.inet}:80 -r ${inet.servers[0]} -m
        for i in 1 2 3; do fetch http://${vip.inet}/ 10; sleep 1; done
        lvs1 ipvsadm -Ln --rate --exact`,
      );
      const [, , inPackets = '', outPackets = ''] =
        /^TCP {2}192\.0\.2\.\d+:80 +(\d+) +(\d+) +(\d+) /m.exec(output) ?? [];
      assert.ok(Number(inPackets) > 0 && Number(outPackets) > 0, output);
    });

    it('tells another director of its connections', true, async (machine, vip) => {
      const table = `
-A -t ${vip.inet}:80 -s rr
${inet.servers.map((server) => `-a -t ${vip.inet}:80 -r ${server} -m`).join('\n')}`;
      const output = await trafficScript(
        machine,
        `client_is ${inet.throughDirector} ${inet6.throughDirector}
        for director in ${DIRECTOR} ${BACKUP}; do on $director ipvsadm -R <<'END'
${table}
END
        done
        on ${BACKUP} ipvsadm --start-daemon backup --mcast-interface eth0 --syncid 7
        lvs1 ipvsadm --start-daemon master --mcast-interface lan --syncid 7
        lvs1 sh -c 'echo 1 1 >/proc/sys/net/ipv4/vs/sync_threshold || echo 1 2 >/proc/sys/net/ipv4/vs/sync_threshold'
        on ${BACKUP} ipvsadm -L --daemon
        lvs1 ipvsadm -L --daemon
        fetch http://${vip.inet}/ 3
        for i in $(seq 50); do [ $(on ${BACKUP} ipvsadm -Lcn | grep -c ^TCP) -ge 3 ] && break; sleep 0.5; done
        echo master; lvs1 ipvsadm -Lcn | grep ${vip.inet}:80 | awk '{print $4, $5, $6}' | sort
        echo backup; on ${BACKUP} ipvsadm -Lcn | grep ${vip.inet}:80 | awk '{print $4, $5, $6}' | sort
        lvs1 ipvsadm --stop-daemon master
        on ${BACKUP} ipvsadm --stop-daemon backup
        on ${BACKUP} ipvsadm -C`,
        120_000,
      );
      assert.match(
        output,
        /^backup sync daemon \(mcast=eth0, syncid=7, maxlen=\d+, group=224\.0\.0\.81, port=8848, ttl=1\)$/m,
      );
      assert.match(
        output,
        /^master sync daemon \(mcast=lan, syncid=7, maxlen=\d+, group=224\.0\.0\.81, port=8848, ttl=1\)$/m,
      );
      const [, rest = ''] = output.split('\nmaster\n');
      const [master = '', backup = ''] = rest.split('backup\n');
      assert.equal(backup, master, output);
      assert.equal(backup.trimEnd().split('\n').length, 3, output);
    });
  });
}

/** The server that answered a line. */
function serverOf(line: string | undefined): string {
  return line?.split(' ')[0] ?? '';
}
