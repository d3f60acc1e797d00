/** What `-h` and `-v` print. Scripts read the version line, so it is the original's. */
export function informationOn(topic: 'help' | 'version'): string {
  return topic === 'help' ? VERSION_LINE + HELP : VERSION_LINE;
}

const VERSION_LINE = 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n';

const HELP = `This ipvsadm belongs to vipr and works on the table of the director that runs, or of the kernel's IPVS.

The first option says what to do:
  -A, --add-service SERVICE       make a virtual service
  -E, --edit-service SERVICE      set all its settings anew; what is not given takes its default
  -D, --delete-service SERVICE    remove it with its servers
  -a, --add-server SERVICE -r SERVER      give a virtual service a real server
  -e, --edit-server SERVICE -r SERVER     set all its settings anew; what is not given takes its default
  -d, --delete-server SERVICE -r SERVER   take it away
  -C, --clear                     remove everything
  -L, -l, --list [SERVICE]        show the table, or one service (also without any option)
  -Z, --zero [SERVICE]            set the counters to 0, of one service or of all
  -S, --save [-n]                 write the table as commands
  -R, --restore                   carry out commands from standard input, one a line
  --set TCP TCPFIN UDP            timeouts of connections in seconds, at most 31 days; 0 keeps one
  --start-daemon master|backup    synchronise connections with another director
  --stop-daemon master|backup
  -h, --help                      this text
  -v, --version

SERVICE is one of
  -t, --tcp-service HOST[:PORT]   HOST is a name, an IPv4 address, or an IPv6 address in brackets
  -u, --udp-service HOST[:PORT]   no PORT, or 0, stands for every port and needs -p
  --sctp-service HOST[:PORT]
  -f, --fwmark-service MARK [-6]  packets with this firewall mark, 1 to 4294967295; -6 (--ipv6) for those of IPv6

With -A and -E:
  -s, --scheduler NAME            rr, wrr, lc, wlc (default), lblc, lblcr, dh, sh, mh, sed, nq, fo, ovf or twos
  -b, --sched-flags LIST          sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3; commas between
  -p, --persistent [SECONDS]      a client keeps its server for so long (360)
  -M, --netmask MASK              tells clients apart by these bits only: a mask, or a prefix length with IPv6
  --pe NAME                       persistence by what packets say: sip
  -o, --ops                       every datagram is scheduled alone (UDP and marks)

With -a and -e:
  -r, --real-server HOST[:PORT]   without PORT the service's
  -m, --masquerading              NAT
  -g, --gatewaying                direct routing (default)
  -i, --ipip                      through a tunnel
  --tun-type TYPE                 ipip (default), gue or gre
  --tun-port PORT                 UDP port of a gue tunnel
  --tun-nocsum, --tun-csum, --tun-remcsum     checksums of gue and gre tunnels: without, with, remote
  -w, --weight N                  share of new connections (1); 0 for none
  -x, --u-threshold N             no new connections from N on
  -y, --l-threshold N             new ones again below N

With -L:
  -n, --numeric                   addresses and ports as numbers (also with -S)
  -c, --connection                connections instead of services
  --stats, --rate                 totals, or what comes in a second
  -X, --exact                     large numbers in full
  --thresholds, --persistent-conn, --tun-info     other columns; with -c --persistent-conn shows persistence data
  --nosort                        in the order of the table itself; --sort changes nothing
  --timeout, --daemon             the timeouts, the daemons

With --start-daemon:
  --mcast-interface NAME          (eth0)
  --mcast-group ADDRESS           (224.0.0.81)
  --mcast-port PORT               (8848)
  --mcast-ttl N                   1 to 255 (1)
  --sync-maxlen BYTES             of a message (1472)
  --syncid N                      0 to 255 (0); directors hear their own kind only

Exit codes: 0 done, 1 a list that failed, 2 wrong usage, or neither director nor IPVS, 255 refused.
`;
