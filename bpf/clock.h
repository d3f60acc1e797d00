/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The kernel's clocks in one reading, by which the director learns HZ and turns jiffies into time. */
#ifndef VIPR_CLOCK_H
#define VIPR_CLOCK_H

#include "abi.h"

SEC("syscall")
int vipr_clock(struct clock *clock)
{
	clock->jiffies = bpf_jiffies64();
	clock->nanoseconds = bpf_ktime_get_ns();
	return 0;
}

#endif
