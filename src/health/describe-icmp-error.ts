/**
 * What an ICMP error says, in a few words for people; undefined for messages that are no errors (RFC 792, RFC 1812, RFC
 * 4443).
 */
export function describeIcmpError(family: 'inet' | 'inet6', type: number, code: number): string | undefined {
  const [what, codes] = (family === 'inet' ? ICMP : ICMPV6)[type] ?? [];
  return codes?.[code] ?? what;
}

type Names = Readonly<Record<number, readonly [string, Readonly<Record<number, string>>]>>;

const ICMP: Names = {
  3: [
    'destination unreachable',
    {
      0: 'network unreachable',
      1: 'host unreachable',
      2: 'protocol unreachable',
      3: 'port unreachable',
      4: 'packet too large',
      9: 'network prohibited by a firewall',
      10: 'host prohibited by a firewall',
      13: 'prohibited by a firewall',
    },
  ],
  11: ['on its way too long', { 0: 'too many routers on the way' }],
  12: ['malformed packet', {}],
};

const ICMPV6: Names = {
  1: [
    'destination unreachable',
    {
      0: 'network unreachable',
      1: 'prohibited by a firewall',
      3: 'host unreachable',
      4: 'port unreachable',
      5: 'source address refused',
      6: 'route refused',
    },
  ],
  2: ['packet too large', {}],
  3: ['on its way too long', { 0: 'too many routers on the way' }],
  4: ['malformed packet', { 1: 'protocol unreachable' }],
};
