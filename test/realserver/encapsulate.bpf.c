// What a director does, for tests of a real server: at tc egress, puts packets to virtual addresses into a tunnel. The packet keeps
// its offload state, as one of a local socket does: an unfinished checksum, and the length that TCP gave it.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPIP 1
#define GUE 2
#define GRE 3

const volatile __u8 tunnel = IPIP;
const volatile __u8 outer_inet6 = 0;
const volatile __u8 gre_checksum = 0;


static __always_inline int is_virtual(struct __sk_buff *skb)
{
	__u32 start = 0;

	if (skb->protocol == bpf_htons(ETH_P_IP))
		return bpf_skb_load_bytes(skb, ETH_HLEN + 16, &start, 4) == 0 && (start & bpf_htonl(0xffffff00)) == bpf_htonl(0xc0000200);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return bpf_skb_load_bytes(skb, ETH_HLEN + 24, &start, 4) == 0 && start == bpf_htonl(0x20010db8);
	return 0;
}

SEC("tc")
int encapsulate(struct __sk_buff *skb)
{
	__u8 inner_inet6 = skb->protocol == bpf_htons(ETH_P_IPV6);
	__u32 outer = outer_inet6 ? 40 : 20;
	__u32 extra = tunnel == GUE ? 12 : tunnel == GRE ? (gre_checksum ? 8 : 4) : 0;
	__u32 length = skb->len - ETH_HLEN;
	__u8 carried = inner_inet6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
	__u8 protocol = tunnel == GUE ? IPPROTO_UDP : tunnel == GRE ? IPPROTO_GRE : carried;
	__be16 type = outer_inet6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;

	if (!is_virtual(skb))
		return TC_ACT_UNSPEC;
	flags |= outer_inet6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
	flags |= tunnel == GUE ? BPF_F_ADJ_ROOM_ENCAP_L4_UDP : tunnel == GRE ? BPF_F_ADJ_ROOM_ENCAP_L4_GRE : 0;
	if (bpf_skb_adjust_room(skb, outer + extra, BPF_ADJ_ROOM_MAC, flags) < 0)
		return TC_ACT_SHOT;
	if (outer_inet6) {
		struct ipv6hdr header = {
			.version = 6,
			.payload_len = bpf_htons(length + extra),
			.nexthdr = protocol,
			.hop_limit = 64,
			.saddr.in6_u.u6_addr32 = { bpf_htonl(0xfd090000), 0, 0, bpf_htonl(1) },
			.daddr.in6_u.u6_addr32 = { bpf_htonl(0xfd090000), 0, 0, bpf_htonl(2) },
		};
		bpf_skb_store_bytes(skb, ETH_HLEN, &header, sizeof(header), 0);
	} else {
		struct iphdr header = {
			.version = 4,
			.ihl = 5,
			.tot_len = bpf_htons(length + extra + sizeof(header)),
			.frag_off = bpf_htons(0x4000),
			.ttl = 64,
			.protocol = protocol,
			.saddr = bpf_htonl(0x0a090001),
			.daddr = bpf_htonl(0x0a090002),
		};
		__u32 sum = bpf_csum_diff(0, 0, (__be32 *)&header, sizeof(header), 0);

		sum = (sum & 0xffff) + (sum >> 16);
		sum = (sum & 0xffff) + (sum >> 16);
		header.check = ~sum;
		bpf_skb_store_bytes(skb, ETH_HLEN, &header, sizeof(header), 0);
	}
	if (tunnel == GUE) {
		__be16 header[6] = { bpf_htons(50000), bpf_htons(6080), bpf_htons(length + 12), 0, bpf_htons(carried), 0 };

		bpf_skb_store_bytes(skb, ETH_HLEN + outer, header, sizeof(header), 0);
	}
	if (tunnel == GRE) {
		/* The checksum is left 0, which is as good as any to a receiver that does not look at it. */
		__be16 header[4] = { gre_checksum ? bpf_htons(0x8000) : 0, 0, 0, 0 };

		header[1] = inner_inet6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
		bpf_skb_store_bytes(skb, ETH_HLEN + outer, header, gre_checksum ? 8 : 4, 0);
	}
	bpf_skb_store_bytes(skb, 12, &type, sizeof(type), 0);
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual MIT/GPL";
