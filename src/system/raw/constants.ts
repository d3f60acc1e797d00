/** Numbers of packet(7), raw(7), icmp(7) and their filters, equal on x86-64 and arm64. */

export const SO_ATTACH_FILTER = 26;
export const MSG_ERRQUEUE = 0x2000;

export const IPPROTO_ICMP = 1;
export const IPPROTO_ICMPV6 = 58;

/** linux/icmp.h: which ICMP types a raw socket does not receive, a bit for each. */
export const SOL_RAW = 255;
export const ICMP_FILTER = 1;
/** linux/icmpv6.h: the same for ICMPv6, 256 bits. */
export const SOL_ICMPV6 = 58;
export const ICMPV6_FILTER = 1;

/** linux/if_packet.h */
export const AF_PACKET = 17;
export const SOL_PACKET = 263;
export const PACKET_IGNORE_OUTGOING = 23;
export const PACKET_OUTGOING = 4;

/** linux/if_ether.h */
export const ETH_P_ALL = 0x0003;
export const ETH_P_IP = 0x0800;
export const ETH_P_ARP = 0x0806;
export const ETH_P_IPV6 = 0x86dd;

/** linux/errqueue.h: who reported an error. */
export const SO_EE_ORIGIN_LOCAL = 1;
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;

/** linux/in.h */
export const IP_MULTICAST_TTL = 33;
export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_LOOP = 34;
export const IP_ADD_MEMBERSHIP = 35;
export const IP_MULTICAST_ALL = 49;
export const IP_TTL = 2;
export const IP_TOS = 1;

/** linux/in6.h */
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MULTICAST_IF = 17;
export const IPV6_MULTICAST_HOPS = 18;
export const IPV6_MULTICAST_LOOP = 19;
export const IPV6_JOIN_GROUP = 20;
export const IPV6_MULTICAST_ALL = 29;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_TCLASS = 67;
