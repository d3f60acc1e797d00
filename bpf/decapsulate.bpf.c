// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A real server's end of a tunnel, at tc ingress, for kernels without a device for it: takes the outer headers off packets to one
 * of this host's addresses whose inner destination is a virtual address. Whatever else there is passes untouched.
 * src/realserver/decapsulator fills the maps, and reads the counters.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define AF_INET 2
#define AF_INET6 10

enum tunnel_kind {
	TUNNEL_IPIP = 1, /* RFC 2003, RFC 4213, RFC 2473: any family in any */
	TUNNEL_GUE, /* draft-ietf-intarea-gue */
	TUNNEL_GRE, /* RFC 2784 */
};

/* IPv4 in the first word, the others 0. */
struct address_key {
	__u32 family; /* AF_INET, AF_INET6 */
	__be32 word[4];
};

#define ROLE_VIRTUAL (1u << 0) /* a virtual address: inner destinations */
#define ROLE_OWN (1u << 1) /* of this host: outer destinations */

struct tunnel_key {
	__u16 kind; /* enum tunnel_kind */
	__be16 port; /* of GUE */
};

enum outcome {
	OUTCOME_TAKEN_IPIP,
	OUTCOME_TAKEN_GUE,
	OUTCOME_TAKEN_GRE,
	OUTCOME_NOT_VIRTUAL, /* the inner destination is no virtual address */
	OUTCOME_FRAGMENT, /* of the outer packet */
	OUTCOME_UNKNOWN_FORM, /* the tunnel's header asks for what is not done here: a key, a remote checksum */
	OUTCOME_CONGESTED, /* dropped: congestion was signalled to a flow that does not know about it, RFC 6040 section 4.2 */
	OUTCOME_FAILED, /* dropped: the kernel did not take the headers off */
	OUTCOMES,
};

struct counter {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct address_key);
	__type(value, __u32); /* ROLE_* */
} addresses SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct tunnel_key);
	__type(value, __u32); /* 1 */
} tunnels SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OUTCOMES);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

/* Does as kernels before 6.3 need it, which cannot be told that the protocol of the packet becomes another one. */
const volatile __u8 without_decap_flags = 0;

/* bpf_skb_adjust_room: later than the headers that this is compiled with */
#define DECAP_L3_IPV4 (1ull << 7)
#define DECAP_L3_IPV6 (1ull << 8)

#define EINVAL 22
#define ECN_MASK 3
#define ECN_CE 3
#define IPV4_FRAGMENT 0x3fff /* more fragments, or an offset */
/* The one extension header that tunnels put behind the outer header: the encapsulation limit, RFC 2473 section 4.1.1. */
#define NEXT_DESTINATION_OPTIONS 60

struct outer {
	struct address_key destination;
	__u32 offset; /* of what the IP header carries, from the start of the frame */
	__u8 protocol;
	__u8 ecn;
	__u8 fragment;
};

struct inner {
	__u32 offset;
	__u32 family; /* AF_INET, AF_INET6; 0: the tunnel's header has an unknown form */
};

static __always_inline void count(struct __sk_buff *skb, __u32 outcome)
{
	struct counter *counter = bpf_map_lookup_elem(&counters, &outcome);

	if (counter) {
		counter->packets++;
		counter->bytes += skb->len;
	}
}

static __always_inline int read_outer_ipv4(struct __sk_buff *skb, struct outer *outer)
{
	struct iphdr header;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &header, sizeof(header)) < 0 || header.version != 4 || header.ihl < 5)
		return -1;
	outer->destination.family = AF_INET;
	outer->destination.word[0] = header.daddr;
	outer->offset = ETH_HLEN + header.ihl * 4;
	outer->protocol = header.protocol;
	outer->ecn = header.tos & ECN_MASK;
	outer->fragment = (header.frag_off & bpf_htons(IPV4_FRAGMENT)) != 0;
	return 0;
}

static __always_inline int read_outer_ipv6(struct __sk_buff *skb, struct outer *outer)
{
	struct ipv6hdr header;
	__u8 extension[2];

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &header, sizeof(header)) < 0 || header.version != 6)
		return -1;
	outer->destination.family = AF_INET6;
	__builtin_memcpy(outer->destination.word, &header.daddr, sizeof(outer->destination.word));
	outer->offset = ETH_HLEN + sizeof(header);
	outer->protocol = header.nexthdr;
	outer->ecn = (header.flow_lbl[0] >> 4) & ECN_MASK;
	if (header.nexthdr == NEXT_DESTINATION_OPTIONS) {
		if (bpf_skb_load_bytes(skb, outer->offset, extension, sizeof(extension)) < 0)
			return -1;
		outer->protocol = extension[0];
		outer->offset += (extension[1] + 1) * 8;
	}
	return 0;
}

/* GUE: variant 0 without flags and control messages, and variant 1, in which the inner header follows UDP's at once. */
static __always_inline void read_gue(struct __sk_buff *skb, struct inner *inner)
{
	__u8 header[4];

	inner->offset += sizeof(struct udphdr);
	if (bpf_skb_load_bytes(skb, inner->offset, header, sizeof(header)) < 0)
		return;
	if (header[0] >> 6 == 1) {
		inner->family = header[0] >> 4 == 4 ? AF_INET : header[0] >> 4 == 6 ? AF_INET6 : 0;
		return;
	}
	/* Version, control, length of the fields, flags. */
	if (header[0] != 0 || header[2] != 0 || header[3] != 0)
		return;
	inner->offset += sizeof(header);
	inner->family = header[1] == IPPROTO_IPIP ? AF_INET : header[1] == IPPROTO_IPV6 ? AF_INET6 : 0;
}

/* The checksum is left unchecked, as that of UDP above: the inner packet has its own. */
static __always_inline void read_gre(struct __sk_buff *skb, struct inner *inner)
{
	__be16 header[2];

	if (bpf_skb_load_bytes(skb, inner->offset, header, sizeof(header)) < 0)
		return;
	if ((header[0] & ~bpf_htons(0x8000)) != 0)
		return;
	inner->offset += header[0] ? 8 : 4;
	inner->family = header[1] == bpf_htons(ETH_P_IP) ? AF_INET : header[1] == bpf_htons(ETH_P_IPV6) ? AF_INET6 : 0;
}

/* The kind of tunnel that the packet may be in; 0: in none. */
static __always_inline __u16 kind_of(struct __sk_buff *skb, const struct outer *outer, __be16 *port)
{
	struct udphdr udp;

	switch (outer->protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return TUNNEL_IPIP;
	case IPPROTO_GRE:
		return TUNNEL_GRE;
	case IPPROTO_UDP:
		if (bpf_skb_load_bytes(skb, outer->offset, &udp, sizeof(udp)) < 0)
			return 0;
		*port = udp.dest;
		return TUNNEL_GUE;
	default:
		return 0;
	}
}

/* Reads the inner destination; fails where the inner header is not what the tunnel says it is. */
static __always_inline int read_destination(struct __sk_buff *skb, const struct inner *inner, struct address_key *destination)
{
	__u8 version;

	if (bpf_skb_load_bytes(skb, inner->offset, &version, sizeof(version)) < 0)
		return -1;
	destination->family = inner->family;
	if (inner->family == AF_INET)
		return version >> 4 != 4 ? -1 :
			bpf_skb_load_bytes(skb, inner->offset + __builtin_offsetof(struct iphdr, daddr), destination->word, 4);
	return version >> 4 != 6 ? -1 :
		bpf_skb_load_bytes(skb, inner->offset + __builtin_offsetof(struct ipv6hdr, daddr), destination->word, 16);
}

/*
 * Offload state: what the size of segments counts is inside the inner packet, so it stays. The helper takes back what the device
 * said of the outer checksum; a checksum that is still to be made lies in the inner packet, and is left so.
 */
static __always_inline int take_off(struct __sk_buff *skb, __u32 length, __u32 from, __u32 to)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
	__be16 protocol = to == AF_INET ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	int result;

	if (from == to)
		return bpf_skb_adjust_room(skb, -(__s32)length, BPF_ADJ_ROOM_MAC, flags);
	flags |= to == AF_INET ? DECAP_L3_IPV4 : DECAP_L3_IPV6;
	result = without_decap_flags ? -EINVAL : bpf_skb_adjust_room(skb, -(__s32)length, BPF_ADJ_ROOM_MAC, flags);
	if (result == -EINVAL) {
		/* Puts 20 bytes before the packet, or takes them away, as if it were to be translated to the other family. */
		result = bpf_skb_change_proto(skb, protocol, 0);
		length += to == AF_INET6 ? 20 : -20;
		if (result == 0)
			result = bpf_skb_adjust_room(skb, -(__s32)length, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO);
	}
	if (result < 0)
		return result;
	return bpf_skb_store_bytes(skb, __builtin_offsetof(struct ethhdr, h_proto), &protocol, sizeof(protocol), 0);
}

SEC("tc")
int vipr_decapsulate(struct __sk_buff *skb)
{
	struct address_key destination = {};
	struct tunnel_key tunnel = {};
	struct outer outer = {};
	struct inner inner = {};
	__u32 *role;

	/* A tag means that the packet is for another device, on top of this one. */
	if (skb->pkt_type != PACKET_HOST || skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (read_outer_ipv4(skb, &outer) < 0)
			return TC_ACT_UNSPEC;
	} else if (skb->protocol == bpf_htons(ETH_P_IPV6)) {
		if (read_outer_ipv6(skb, &outer) < 0)
			return TC_ACT_UNSPEC;
	} else {
		return TC_ACT_UNSPEC;
	}

	tunnel.kind = kind_of(skb, &outer, &tunnel.port);
	if (tunnel.kind == 0 || !bpf_map_lookup_elem(&tunnels, &tunnel))
		return TC_ACT_UNSPEC;
	role = bpf_map_lookup_elem(&addresses, &outer.destination);
	if (!role || !(*role & ROLE_OWN))
		return TC_ACT_UNSPEC;
	if (outer.fragment) {
		count(skb, OUTCOME_FRAGMENT);
		return TC_ACT_UNSPEC;
	}

	inner.offset = outer.offset;
	if (tunnel.kind == TUNNEL_GUE)
		read_gue(skb, &inner);
	else if (tunnel.kind == TUNNEL_GRE)
		read_gre(skb, &inner);
	else
		inner.family = outer.protocol == IPPROTO_IPIP ? AF_INET : AF_INET6;
	if (inner.family == 0 || read_destination(skb, &inner, &destination) < 0) {
		count(skb, OUTCOME_UNKNOWN_FORM);
		return TC_ACT_UNSPEC;
	}
	role = bpf_map_lookup_elem(&addresses, &destination);
	if (!role || !(*role & ROLE_VIRTUAL)) {
		count(skb, OUTCOME_NOT_VIRTUAL);
		return TC_ACT_UNSPEC;
	}

	if (take_off(skb, inner.offset - ETH_HLEN, outer.destination.family, inner.family) < 0) {
		count(skb, OUTCOME_FAILED);
		return TC_ACT_SHOT;
	}
	if (outer.ecn == ECN_CE && bpf_skb_ecn_set_ce(skb) == 0) {
		count(skb, OUTCOME_CONGESTED);
		return TC_ACT_SHOT;
	}
	count(skb, OUTCOME_TAKEN_IPIP + tunnel.kind - TUNNEL_IPIP);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual MIT/GPL";
