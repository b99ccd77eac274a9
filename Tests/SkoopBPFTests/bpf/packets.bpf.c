/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <skoop/core.h>

SKOOP_LICENSE;

struct xdp_md___test {
	__u32 data;
	__u32 data_end;
};

__u64 passed;

/* Drops what is not IPv6, and writes its mark into what is. */
SEC("xdp")
int only_ipv6(struct xdp_md___test *context)
{
	__u8 *data = (void *)(long)context->data;
	__u8 *end = (void *)(long)context->data_end;

	if (data + 14 > end)
		return 1;
	if (data[12] != 0x86 || data[13] != 0xdd)
		return 1;
	data[0] = 0x5a;
	return 2;
}

SEC("tc")
int count(void *context)
{
	__sync_fetch_and_add(&passed, 1);
	return -1;
}

SEC("sk_lookup")
int look(void *context)
{
	__sync_fetch_and_add(&passed, 1);
	return 1;
}

SEC("cgroup_skb/egress")
int leave(void *context)
{
	__sync_fetch_and_add(&passed, 1);
	return 1;
}
