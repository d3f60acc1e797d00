// SPDX-License-Identifier: MIT OR GPL-2.0
/* The programs of the data plane: docs/ebpf-data-plane.md. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "maps.h"
#include "packet.h"

SEC("xdp")
int vipr_xdp(struct xdp_md *context)
{
	return XDP_PASS;
}

SEC("tc")
int vipr_ingress(struct __sk_buff *context)
{
	return TC_ACT_UNSPEC;
}

SEC("tc")
int vipr_egress(struct __sk_buff *context)
{
	return TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual MIT/GPL";
