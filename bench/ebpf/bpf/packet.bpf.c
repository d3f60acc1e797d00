// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Makes a program of the data plane repeatable: BPF_PROG_TEST_RUN hands every run the packet that the one before left. Each run
 * looks at what became of the packet before, takes its tunnel off, writes the header of the next flow and goes on in the program in
 * slot 0, which is not changed for it. With a program there that does nothing it tells what all this takes by itself.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define HEADER_WORDS 18 /* of 32 bits: Ethernet, IPv4, TCP, and what fills the last word */
#define MAC_END 2 /* the last four bytes of the destination's MAC address */
#define SOURCE 26
#define DESTINATION 30
#define SOURCE_PORT 34
#define DESTINATION_PORT 36

const volatile __u32 header[HEADER_WORDS] = {}; /* of a packet, without client and checksum */
const volatile __u32 header_sum = 0; /* over its IPv4 header */
const volatile __u32 is_reply = 0; /* 1: the client is the destination */
const volatile __u32 first_client = 0; /* host order; its port is FIRST_PORT */
const volatile __u32 flow_mask = 0; /* number of flows, a power of two, less 1 */
const volatile __u32 tunnel_bytes = 0; /* that the data plane puts in front */
const volatile __u32 expected_mac_end = 0; /* MAC_END of a packet that was forwarded */
const volatile __u32 expected_address = 0; /* its SOURCE, of a reply, or DESTINATION: the outermost ones */
const volatile __u32 checking = 0;

const volatile __u32 stride = 1; /* odd, so that all flows get their turn; from each flow to the next one */

#define FIRST_PORT 1024
#define PORTS 0x8000

__u64 runs = 0;
__u64 wrong = 0;

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured_xdp SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured_tc SEC(".maps");

/* 1 where the packet is as the data plane has to leave it. */
static __always_inline int is_forwarded(void *data, void *end)
{
	if (data + DESTINATION + 4 > end)
		return 0;
	return *(__u32 *)(data + MAC_END) == expected_mac_end &&
	       *(__u32 *)(data + (is_reply ? SOURCE : DESTINATION)) == expected_address;
}

static __always_inline void check(void *data, void *end)
{
	if (!is_forwarded(data, end) && checking && runs)
		wrong += 1;
}

static __always_inline int write_header(void *data, void *end)
{
	__u32 flow = (__u32)(runs++ * stride) & flow_mask;
	__be32 client = bpf_htonl(first_client + flow);
	struct iphdr *ip = data + ETH_HLEN;
	__u32 *words = data;
	__u32 sum;
	int word;

	if (data + sizeof(header) > end)
		return -1;
#pragma unroll
	for (word = 0; word < HEADER_WORDS; word++)
		words[word] = header[word];
	*(__be32 *)(data + (is_reply ? DESTINATION : SOURCE)) = client;
	*(__be16 *)(data + (is_reply ? DESTINATION_PORT : SOURCE_PORT)) = bpf_htons(FIRST_PORT + flow % PORTS);
	sum = header_sum + (client & 0xffff) + (client >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~((sum & 0xffff) + (sum >> 16));
	return 0;
}

SEC("xdp")
int next_xdp(struct xdp_md *context)
{
	check((void *)(long)context->data, (void *)(long)context->data_end);
	if (tunnel_bytes && bpf_xdp_adjust_head(context, checking && runs ? (int)tunnel_bytes : 0))
		return XDP_ABORTED;
	if (write_header((void *)(long)context->data, (void *)(long)context->data_end))
		return XDP_ABORTED;
	bpf_tail_call(context, &measured_xdp, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int nothing_xdp(struct xdp_md *context)
{
	return XDP_PASS;
}

SEC("tc")
int next_tc(struct __sk_buff *context)
{
	check((void *)(long)context->data, (void *)(long)context->data_end);
	if (tunnel_bytes && bpf_skb_adjust_room(context, checking && runs ? -(int)tunnel_bytes : 0, BPF_ADJ_ROOM_MAC, 0))
		return TC_ACT_SHOT;
	if (write_header((void *)(long)context->data, (void *)(long)context->data_end))
		return TC_ACT_SHOT;
	bpf_tail_call(context, &measured_tc, 0);
	return TC_ACT_SHOT;
}

SEC("tc")
int nothing_tc(struct __sk_buff *context)
{
	return TC_ACT_OK;
}

char _license[] SEC("license") = "Dual MIT/GPL";
