/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <skoop/core.h>

SKOOP_LICENSE;

struct sum {
	__u64 count;
	__u64 total;
};

struct request {
	__u64 input;
	__u64 output;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1000);
	__type(key, __u32);
	__type(value, struct sum);
} sums SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} squares SEC(".maps");

SEC("syscall")
int add(struct request *request)
{
	__u32 slot = 999;
	struct sum *sum = bpf_map_lookup_elem(&sums, &slot);

	if (!sum)
		return -1;
	sum->count++;
	sum->total += request->input;
	request->output = 2 * request->input;
	return 7;
}
