// SPDX-License-Identifier: MIT OR GPL-2.0
/* What packets are sent, forwarded and counted with: a flood of UDP, a bare forwarder by the FIB, and a counter that lets nothing through. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "fold.h"

#define AF_INET 2
#define FIRST_PORT 1024
#define PORTS 0x8000

/* What lies in the frame, and in the counted frames. */
struct datagram {
	struct ethhdr ethernet;
	struct iphdr ip;
	struct udphdr udp;
	__u8 payload[18];
} __attribute__((packed));

/* ---- the flood: run with live frames ---- */

const volatile __u8 destination_mac[6] = {};
const volatile __u8 source_mac[6] = {};
const volatile __be32 destination = 0;
const volatile __be16 destination_port = 0;
const volatile __u32 first_client = 0; /* host order */
const volatile __u32 flow_mask = 0;

__u64 sent = 0;

SEC("xdp")
int flood(struct xdp_md *context)
{
	struct datagram *datagram = (void *)(long)context->data;
	__u32 flow = (__u32)sent++ & flow_mask;
	__u64 addresses;
	int index;

	if ((void *)(datagram + 1) > (void *)(long)context->data_end)
		return XDP_ABORTED;
	__builtin_memset(datagram, 0, sizeof(*datagram));
#pragma unroll
	for (index = 0; index < 6; index++) {
		datagram->ethernet.h_dest[index] = destination_mac[index];
		datagram->ethernet.h_source[index] = source_mac[index];
	}
	datagram->ethernet.h_proto = bpf_htons(ETH_P_IP);
	*(__u8 *)&datagram->ip = 0x45;
	datagram->ip.tot_len = bpf_htons(sizeof(*datagram) - ETH_HLEN);
	datagram->ip.frag_off = bpf_htons(0x4000);
	datagram->ip.ttl = 64;
	datagram->ip.protocol = IPPROTO_UDP;
	datagram->ip.saddr = bpf_htonl(first_client + flow);
	datagram->ip.daddr = destination;
	addresses = (__u64)datagram->ip.saddr + destination;
	datagram->ip.check = ~fold(addresses + bpf_htons(0x4500) + datagram->ip.tot_len + bpf_htons(0x4000) +
				   bpf_htons(64 << 8 | IPPROTO_UDP));
	datagram->udp.source = bpf_htons(FIRST_PORT + flow % PORTS);
	datagram->udp.dest = destination_port;
	datagram->udp.len = bpf_htons(sizeof(*datagram) - ETH_HLEN - sizeof(struct iphdr));
	datagram->udp.check = ~fold(addresses + bpf_htons(IPPROTO_UDP) + datagram->udp.len + datagram->udp.source +
				    destination_port + datagram->udp.len);
	return XDP_TX;
}

/* ---- the counter ---- */

const volatile __be32 expected_destination = 0;
const volatile __be16 expected_port = 0;

struct counts {
	__u64 right; /* as expected, to the last checksum where that is looked at */
	__u64 wrong;
	__u64 checked; /* how many checksums were looked at */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counts);
} counts SEC(".maps");

/* Every so many packets one is summed up. */
#define CHECKED_PART 256

static __always_inline int has_right_sums(const struct datagram *datagram)
{
	const __u16 *words = (const void *)datagram + ETH_HLEN;
	__u64 header = 0, whole = 0;
	int index;

#pragma unroll
	for (index = 0; index < 10; index++)
		header += words[index];
	/* From the addresses on; then what else the pseudo header has. */
#pragma unroll
	for (index = 6; index < 23; index++)
		whole += words[index];
	whole += (__u64)bpf_htons(IPPROTO_UDP) + datagram->udp.len;
	return fold(header) == 0xffff && (!datagram->udp.check || fold(whole) == 0xffff);
}

SEC("xdp")
int count(struct xdp_md *context)
{
	struct datagram *datagram = (void *)(long)context->data;
	struct counts *counted;
	__u32 zero = 0;
	int right;

	if ((void *)(datagram + 1) > (void *)(long)context->data_end)
		return XDP_PASS;
	if (datagram->ethernet.h_proto != bpf_htons(ETH_P_IP) || datagram->ip.protocol != IPPROTO_UDP)
		return XDP_PASS;
	counted = bpf_map_lookup_elem(&counts, &zero);
	if (!counted)
		return XDP_ABORTED;
	right = datagram->ip.daddr == expected_destination && datagram->udp.dest == expected_port && datagram->ip.ttl == 63;
	if (right && (counted->right + counted->wrong) % CHECKED_PART == 0) {
		counted->checked += 1;
		right = has_right_sums(datagram);
	}
	if (right)
		counted->right += 1;
	else
		counted->wrong += 1;
	return XDP_DROP;
}

/* Lets the device at the other end of a veth be sent to. */
SEC("xdp")
int pass(struct xdp_md *context)
{
	return XDP_PASS;
}

/* ---- the bare forwarder ---- */

SEC("xdp")
int forward(struct xdp_md *context)
{
	struct datagram *datagram = (void *)(long)context->data;
	struct bpf_fib_lookup fib = {};
	__u32 sum;

	if ((void *)(datagram + 1) > (void *)(long)context->data_end)
		return XDP_PASS;
	if (datagram->ethernet.h_proto != bpf_htons(ETH_P_IP) || datagram->ip.protocol != IPPROTO_UDP || datagram->ip.ttl <= 1)
		return XDP_PASS;
	fib.family = AF_INET;
	fib.tos = datagram->ip.tos;
	fib.l4_protocol = datagram->ip.protocol;
	fib.tot_len = bpf_ntohs(datagram->ip.tot_len);
	fib.ipv4_src = datagram->ip.saddr;
	fib.ipv4_dst = datagram->ip.daddr;
	fib.ifindex = context->ingress_ifindex;
	if (bpf_fib_lookup(context, &fib, sizeof(fib), 0) != BPF_FIB_LKUP_RET_SUCCESS)
		return XDP_PASS;
	sum = datagram->ip.check + bpf_htons(0x0100);
	datagram->ip.check = sum + (sum >= 0xffff);
	datagram->ip.ttl -= 1;
	__builtin_memcpy(datagram->ethernet.h_dest, fib.dmac, ETH_ALEN);
	__builtin_memcpy(datagram->ethernet.h_source, fib.smac, ETH_ALEN);
	return bpf_redirect(fib.ifindex, 0);
}

char _license[] SEC("license") = "Dual MIT/GPL";
