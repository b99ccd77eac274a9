/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Network namespaces and control groups the moment a program is first run in them.
 *
 * Hook: sched_process_exec, as tp_btf since 5.5, else as a raw tracepoint. Why this one: whatever a runtime does before, the
 * first program of a container is run when its process is where it will stay, in its namespaces and its control group;
 * at the fork, at the making of the namespace and at the attachment to the control group it is not.
 *
 * What is known already costs one look into a map.
 */
#include <skoop/abi/births.h>
#include <skoop/task.h>

SKOOP_LICENSE;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kernfs_node___births {
	const char *name;
	struct kernfs_node *parent;
	struct kernfs_node *__parent; /* since 6.15 */
};

struct cgroup_root;

struct cgroup___births {
	struct cgroup_root *root;
};

#pragma clang attribute pop

struct birth_key {
	struct skoop_task_group group;
	__u64 cookie;
};

/* What is forgotten is told once more. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct birth_key);
	__type(value, __u32);
} known SEC(".maps");

struct birth_record {
	struct skoop_birth birth;
	char version2[SKOOP_BIRTH_DEPTH][SKOOP_BIRTH_NAME];
	char version1[SKOOP_BIRTH_DEPTH][SKOOP_BIRTH_NAME];
};

/* Room for a hundred births. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} births SEC(".maps");

/* Births that found no room. */
__u64 births_lost;

static __always_inline void read_names(struct cgroup *cgroup,
				       char names[SKOOP_BIRTH_DEPTH][SKOOP_BIRTH_NAME])
{
	struct kernfs_node___births *node = cgroup ? (void *)BPF_CORE_READ(cgroup, kn) : NULL;

#pragma clang loop unroll(full)
	for (int level = 0; level < SKOOP_BIRTH_DEPTH; level++) {
		names[level][0] = 0;
		if (!node)
			continue;
		bpf_probe_read_kernel_str(names[level], SKOOP_BIRTH_NAME,
					  BPF_CORE_READ(node, name));
		if (bpf_core_field_exists(node->__parent))
			node = (void *)BPF_CORE_READ(node, __parent);
		else
			node = (void *)BPF_CORE_READ(node, parent);
	}
}

static __always_inline void *root_of(struct cgroup *cgroup)
{
	return BPF_CORE_READ((struct cgroup___births *)cgroup, root);
}

static __always_inline int tell_birth_of(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup *own = BPF_CORE_READ(set, dfl_cgrp), *other;
	struct net *net = BPF_CORE_READ(task, nsproxy, net_ns);
	struct birth_key key = {};
	struct birth_record *record;
	__u32 one = 1;

	read_task_group(task, &key.group);
	if (bpf_core_field_exists(net->net_cookie))
		key.cookie = BPF_CORE_READ(net, net_cookie);
	if (bpf_map_lookup_elem(&known, &key))
		return 0;
	record = bpf_ringbuf_reserve(&births, sizeof(*record), 0);
	if (!record) {
		/* the next program that is run there tells it */
		__sync_fetch_and_add(&births_lost, 1);
		return 0;
	}
	bpf_map_update_elem(&known, &key, &one, BPF_ANY);
	record->birth.time = bpf_ktime_get_ns();
	record->birth.cookie = key.cookie;
	record->birth.start_boottime = BPF_CORE_READ(task, group_leader, start_boottime);
	record->birth.pid = BPF_CORE_READ(task, tgid);
	record->birth.group = key.group;
	read_names(own, record->version2);
	/* of the controllers that every runtime uses the first that is in a hierarchy of its own */
	other = CONTROLLER_CGROUP(set, memory);
	if (!other || root_of(other) == root_of(own))
		other = CONTROLLER_CGROUP(set, cpu);
	if (!other || root_of(other) == root_of(own))
		other = CONTROLLER_CGROUP(set, pids);
	read_names(other && root_of(other) != root_of(own) ? other : NULL, record->version1);
	bpf_ringbuf_submit(record, 0);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(tell_birth, struct task_struct *task)
{
	return tell_birth_of(task);
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(tell_birth_raw, struct task_struct *task)
{
	return tell_birth_of(task);
}
