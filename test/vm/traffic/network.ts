import type { VirtualMachine } from '../lab/virtual-machine.ts';

/**
 * The network of the traffic tests, each host a namespace:
 *
 *     client (10.1.0.2, fd01::2) --- lvs1 (10.1.0.1 and 10.2.0.1, fd01::1 and fd02::1)
 *        | (10.3.0.2, fd03::2)        |
 *        +----------- lan (a bridge in lvs1) --- rs1 to rs3 (10.2.0.11 to .13, fd02::11 to ::13), lvs2 (10.2.0.2)
 *
 * Every address of 192.0.2.0/24 and 2001:db8::/64 is a VIP: the director's, and the servers', for direct routing and tunnels.
 * Answers to 10.1.0.2 go through the director, as NAT needs it; those to 10.3.0.2 go straight, past it.
 */
export const CLIENT = 'client';
export const DIRECTOR = 'lvs1';
export const BACKUP = 'lvs2';
export const SERVERS = ['rs1', 'rs2', 'rs3'] as const;

/** What differs between the families; `virtual` holds the VIPs. */
export const FAMILIES = {
  inet: {
    virtual: '192.0.2.0/24',
    servers: ['10.2.0.11', '10.2.0.12', '10.2.0.13'],
    throughDirector: '10.1.0.2',
    pastDirector: '10.3.0.2',
  },
  inet6: {
    virtual: '2001:db8::/64',
    servers: ['fd02::11', 'fd02::12', 'fd02::13'],
    throughDirector: 'fd01::2',
    pastDirector: 'fd03::2',
  },
} as const;

/** UDP port of the servers' GUE receivers. */
export const GUE_PORT = 6080;

const networks = new WeakMap<VirtualMachine, Promise<void>>();

/** The network of a guest: made by whoever asks first, shared by all. */
export function trafficNetwork(machine: VirtualMachine): Promise<void> {
  let network = networks.get(machine);
  if (network === undefined) {
    network = makeTrafficNetwork(machine);
    networks.set(machine, network);
  }
  return network;
}

async function makeTrafficNetwork(machine: VirtualMachine): Promise<void> {
  const [first = '', ...modules] = ['ipip', 'fou', 'fou6', 'ip_gre', 'ip6_tunnel', 'ip6_gre'];
  await machine.expect(
    `set -e
    modprobe -a ${[first, ...modules].join(' ')}
    for n in ${[CLIENT, DIRECTOR, BACKUP, ...SERVERS].join(' ')}; do
      ip netns add $n
      ip -n $n link set lo up
    done
    ip -n ${DIRECTOR} -batch - <<'END'
${directorLinks()}
END
    ${[BACKUP, ...SERVERS].map((name, index) => hostLinks(name, index)).join('\n')}
    ip -n ${CLIENT} -batch - <<'END'
      addr add 10.1.0.2/16 dev eth0
      addr add fd01::2/64 dev eth0 nodad
      addr add 10.3.0.2/16 dev eth1
      addr add fd03::2/64 dev eth1 nodad
      link set eth0 up
      link set eth1 up
      route add default via 10.1.0.1
      route add ::/0 via fd01::1
END
    ip netns exec ${DIRECTOR} sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
    ${SERVERS.map(tunnelEnds).join('\n')}
    ${SERVERS.map(startNginx).join('\n')}`,
    120_000,
  );
}

function directorLinks(): string {
  const { inet, inet6 } = FAMILIES;
  return `
    link add lan type bridge
    link add toclient type veth peer name eth0 netns ${CLIENT}
    link add clientlan type veth peer name eth1 netns ${CLIENT}
    ${[BACKUP, ...SERVERS].map((name) => `link add to${name} type veth peer name eth0 netns ${name}`).join('\n')}
    ${['clientlan', ...[BACKUP, ...SERVERS].map((name) => `to${name}`)].map((port) => `link set ${port} master lan up`).join('\n')}
    route add local ${inet.virtual} dev lo
    route add local ${inet6.virtual} dev lo
    addr add 10.1.0.1/16 dev toclient
    addr add fd01::1/64 dev toclient nodad
    addr add 10.2.0.1/24 dev lan
    addr add fd02::1/64 dev lan nodad
    link set toclient up
    link set lan up`;
}

/** Hosts on the lan: 10.2.0.2 for the first, 10.2.0.11 and so on for the others. */
function hostLinks(name: string, index: number): string {
  const last = index === 0 ? 2 : 10 + index;
  return `ip -n ${name} -batch - <<'END'
    addr add 10.2.0.${last}/24 dev eth0
    addr add fd02::${last}/64 dev eth0 nodad
    route add local ${FAMILIES.inet.virtual} dev lo
    route add local ${FAMILIES.inet6.virtual} dev lo
    link set eth0 up
    route add default via 10.2.0.1
    route add ::/0 via fd02::1
    route add 10.3.0.0/16 dev eth0
    route add fd03::/64 dev eth0
END`;
}

/** The devices that take tunnelled packets from anyone, which their modules make in every namespace. */
export function tunnelEnds(server: string): string {
  const devices = ['tunl0', 'gre0', 'ip6tnl0', 'ip6gre0'];
  return `
    for d in ${devices.join(' ')}; do ip -n ${server} link set $d up; done
    ip -n ${server} fou add port ${GUE_PORT} gue
    ip -n ${server} -6 fou add port ${GUE_PORT} gue
    # nginx answers datagrams from the VIP that they came to, which no device has
    ip netns exec ${server} sh -c 'echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind'`;
}

/** Answers HTTP on 80 and 8080 and any datagram on 53 with the name of the server and the address of the client; /large is the file /tmp/large. */
export function startNginx(server: string): string {
  return `
    mkdir -p /tmp/${server}
    cat >/tmp/${server}/nginx.conf <<'END'
      load_module /usr/lib/nginx/modules/ngx_stream_module.so;
      pid /tmp/${server}/pid;
      error_log /tmp/${server}/error.log;
      events {}
      stream { server { listen 53 udp; listen [::]:53 udp; return "${server} $remote_addr\\n"; } }
      http {
        access_log off;
        keepalive_timeout 1h;
        client_body_temp_path /tmp/${server}; proxy_temp_path /tmp/${server}; fastcgi_temp_path /tmp/${server};
        uwsgi_temp_path /tmp/${server}; scgi_temp_path /tmp/${server};
        server {
          listen 80; listen [::]:80; listen 8080; listen [::]:8080;
          location = /large { alias /tmp/large; }
          location / { default_type text/plain; return 200 "${server} $remote_addr\\n"; }
        }
      }
END
    ip netns exec ${server} nginx -c /tmp/${server}/nginx.conf`;
}
