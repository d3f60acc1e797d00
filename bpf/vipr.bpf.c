// SPDX-License-Identifier: MIT OR GPL-2.0
/* The programs of the data plane: docs/ebpf-data-plane.md. */
#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#include "tc.h"
#include "xdp.h"
#include "sweep.h"
#include "sync_put.h"
#include "clock.h"

SEC("xdp")
int vipr_xdp(struct xdp_md *context)
{
	return serve_xdp(context);
}

SEC("tc")
int vipr_ingress(struct __sk_buff *context)
{
	return serve_tc(context, 0);
}

SEC("tc")
int vipr_egress(struct __sk_buff *context)
{
	return serve_tc_egress(context);
}

char _license[] SEC("license") = "Dual MIT/GPL";
