/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <skoop/core.h>

SKOOP_LICENSE;

/* Which system call of which thread is recorded. */
const volatile __u32 wanted_thread;
const volatile __s64 wanted_call;

__u64 seen;

struct call_record {
	__u32 thread;
	__u32 cpu;
	__u64 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} per_cpu SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} per_cpu_by_call SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} recent SEC(".maps");

static int record(__s64 call)
{
	__u32 thread = bpf_get_current_pid_tgid(), zero = 0, key = call;
	struct call_record *record;
	__u32 *count;

	if (thread != wanted_thread || call != wanted_call)
		return 0;
	__sync_fetch_and_add(&seen, 1);
	count = bpf_map_lookup_elem(&per_cpu, &zero);
	if (count)
		(*count)++;
	bpf_map_update_elem(&recent, &key, &seen, BPF_ANY);
	record = bpf_ringbuf_reserve(&calls, sizeof(*record), 0);
	if (!record)
		return 0;
	record->thread = thread;
	record->cpu = bpf_get_smp_processor_id();
	record->number = seen;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(typed, void *registers, long call)
{
	return record(call);
}

SEC("raw_tp")
int BPF_PROG(raw, void *registers, long call)
{
	return record(call);
}

struct sys_enter_record {
	__u64 common;
	__s32 id;
};

SEC("tp")
int stable(struct sys_enter_record *event)
{
	return record(event->id);
}

SEC("uprobe")
int in_library(void *registers)
{
	return record(wanted_call);
}

SEC("kprobe")
int by_probe(void *registers)
{
	return record(wanted_call);
}

SEC("kretprobe")
int by_return(void *registers)
{
	return record(wanted_call);
}

SEC("fentry")
int BPF_PROG(by_entry)
{
	return record(wanted_call);
}

SEC("fexit")
int BPF_PROG(by_exit)
{
	return record(wanted_call);
}

SEC("perf_event")
int on_clock(void *sample)
{
	return record(wanted_call);
}
