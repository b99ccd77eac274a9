/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counting per namespace and kind in the kernel. */
#ifndef SKOOP_COUNTERS_H
#define SKOOP_COUNTERS_H

#include <skoop/abi/counters.h>
#include <skoop/core.h>

/* User space may set the room: namespaces by kinds. What finds none is counted in counters_full. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct skoop_counter_key);
	__type(value, __u64);
} counters SEC(".maps");

__u64 counters_full;

static __always_inline void counter_add(__u32 netns, __u32 kind)
{
	struct skoop_counter_key key = {.netns = netns, .kind = kind};
	__u64 *value = bpf_map_lookup_elem(&counters, &key);
	__u64 zero = 0;

	if (!value) {
		bpf_map_update_elem(&counters, &key, &zero, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&counters, &key);
		if (!value) {
			__sync_fetch_and_add(&counters_full, 1);
			return;
		}
	}
	/* softirqs interrupt tasks on the same CPU: not a plain increment */
	__sync_fetch_and_add(value, 1);
}

#endif
