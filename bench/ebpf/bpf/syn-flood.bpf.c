// SPDX-License-Identifier: MIT OR GPL-2.0
/* SYNs from ever new clients, to be run with live frames. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "fold.h"

struct segment {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct tcphdr tcp;
	__u8 padding[6];
} __attribute__((packed));

#define FIRST_PORT 1024
#define CLIENTS 0x20000 /* addresses; each port is used by all before the next one */

const volatile __u8 destination_mac[6] = {};
const volatile __u8 source_mac[6] = {};
const volatile __be32 destination = 0;
const volatile __be16 destination_port = 0;
const volatile __u32 first_client = 0; /* host order */

__u64 sent = 0;

SEC("xdp")
int flood(struct xdp_md *context)
{
	struct segment *segment = (void *)(long)context->data;
	__u32 flow = sent++;
	__u64 addresses;
	int index;

	if ((void *)(segment + 1) > (void *)(long)context->data_end)
		return XDP_ABORTED;
	__builtin_memset(segment, 0, sizeof(*segment));
#pragma unroll
	for (index = 0; index < 6; index++) {
		segment->ethernet.h_dest[index] = destination_mac[index];
		segment->ethernet.h_source[index] = source_mac[index];
	}
	segment->ethernet.h_proto = bpf_htons(ETH_P_IP);
	*(__u8 *)&segment->ip = 0x45;
	segment->ip.tot_len = bpf_htons(sizeof(struct iphdr) + sizeof(struct tcphdr));
	segment->ip.ttl = 64;
	segment->ip.protocol = IPPROTO_TCP;
	segment->ip.saddr = bpf_htonl(first_client + flow % CLIENTS);
	segment->ip.daddr = destination;
	addresses = (__u64)segment->ip.saddr + destination;
	segment->ip.check = ~fold(addresses + bpf_htons(0x4500) + segment->ip.tot_len + bpf_htons(64 << 8 | IPPROTO_TCP));
	segment->tcp.source = bpf_htons(FIRST_PORT + flow / CLIENTS);
	segment->tcp.dest = destination_port;
	segment->tcp.seq = bpf_htonl(flow);
	segment->tcp.doff = 5;
	segment->tcp.syn = 1;
	segment->tcp.window = bpf_htons(65535);
	segment->tcp.check = ~fold(addresses + bpf_htons(IPPROTO_TCP) + bpf_htons(sizeof(struct tcphdr)) +
				   segment->tcp.source + destination_port + (segment->tcp.seq & 0xffff) + (segment->tcp.seq >> 16) +
				   bpf_htons(0x5002) + segment->tcp.window);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual MIT/GPL";
