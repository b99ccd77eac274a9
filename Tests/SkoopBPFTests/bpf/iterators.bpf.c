/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <skoop/core.h>

SKOOP_LICENSE;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	void *map;
	__u32 *key;
	__u64 *value;
} __attribute__((preserve_access_index));

struct entry {
	__u64 key;
	__u64 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

SEC("iter/task")
int processes(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	__u32 pid;

	if (!task || task->pid != task->tgid)
		return 0;
	pid = task->tgid;
	bpf_seq_write(context->meta->seq, &pid, sizeof(pid));
	return 0;
}

SEC("iter/bpf_map_elem")
int entries(struct bpf_iter__bpf_map_elem *context)
{
	__u64 *value = context->value;
	__u32 *key = context->key;
	struct entry entry = {};

	if (!key || !value)
		return 0;
	entry.key = *key;
	entry.value = *value;
	bpf_seq_write(context->meta->seq, &entry, sizeof(entry));
	return 0;
}
