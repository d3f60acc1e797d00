/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Numbers of IP headers that linux/ip.h and linux/in6.h leave to others. */
#ifndef VIPR_IP_H
#define VIPR_IP_H

#define IPV4_DONT_FRAGMENT bpf_htons(0x4000)
#define IPV4_MORE_FRAGMENTS bpf_htons(0x2000)
#define IPV4_OFFSET bpf_htons(0x1fff)

#define IPV6_HOP_BY_HOP 0
#define IPV6_ROUTING 43
#define IPV6_FRAGMENT 44
#define IPV6_ICMP 58
#define IPV6_DESTINATION_OPTIONS 60

#endif
