/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading per-CPU data of the kernel on every CPU, without any kernel data symbol.
 *
 * The distance from a per-CPU pointer to its instance on CPU n is the same for all allocations, so it is learnt
 * once from a per-CPU map of our own: address of the element on CPU n less the map's base pointer. User space
 * fills the map cpus and runs learn_offsets once after loading. Since 5.19 (bpf_map_lookup_percpu_elem).
 */
#ifndef SKOOP_PERCPU_H
#define SKOOP_PERCPU_H

#include <skoop/abi.h>
#include <skoop/core.h>

#define MAX_CPUS 4096

/* The possible CPUs; they need not be numbered without gaps. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_CPUS);
	__type(key, __u32);
	__type(value, __u32);
} cpus SEC(".maps");

/* offsets[n] belongs to cpus[n] */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAX_CPUS);
	__type(key, __u32);
	__type(value, __u64);
} offsets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} yardstick SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} word SEC(".maps");

/* A pointer as a number: the verifier forbids arithmetic on pointers but not on what is read from a map. */
static __always_inline __u64 number(void *pointer)
{
	__u32 zero = 0;
	void *place = bpf_map_lookup_elem(&word, &zero);

	if (!place)
		return 0;
	*(void *volatile *)place = pointer;
	return *(volatile __u64 *)place;
}

static long learn_offset(__u32 index, __u64 *base)
{
	__u32 zero = 0;
	__u32 *cpu = bpf_map_lookup_elem(&cpus, &index);
	__u64 *offset = bpf_map_lookup_elem(&offsets, &index);
	void *element;

	if (!cpu || !offset)
		return 1;
	element = bpf_map_lookup_percpu_elem(&yardstick, &zero, *cpu);
	if (!element)
		return 1;
	*offset = number(element) - *base;
	return 0;
}

SEC("syscall")
int learn_offsets(struct skoop_pass *request)
{
	__u64 base = 0;

	/* the first per-CPU pointer of an array map stands where its values would */
	bpf_probe_read_kernel(&base, sizeof(base),
			      (void *)number(&yardstick) +
				      bpf_core_field_offset(struct bpf_array, value));
	return bpf_loop(request->cpus, learn_offset, &base, 0) == request->cpus ? 0 : -1;
}

#endif
