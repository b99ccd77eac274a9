/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <skoop/core.h>

SKOOP_LICENSE;

__u64 accepted, dropped;

SEC("netfilter")
int accept(void *context)
{
	accepted++;
	return 1;
}

SEC("netfilter")
int drop(void *context)
{
	dropped++;
	return 0;
}
