/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long tasks that own sockets wait for a CPU once they could run.
 *
 * Hooks: tracepoints sched:sched_wakeup, sched:sched_wakeup_new and sched:sched_switch, since 2.6.23. Why these: they
 * are where a task becomes runnable and where it runs. Whether a task owns sockets is found out by an iterator over all
 * open files (task_file, since 5.8), run by user space every few seconds: to look into a table of files at each wake-up
 * would cost more than all the rest.
 */
#include <skoop/abi/tasklatency.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/places.h>

SKOOP_LICENSE;

/* Above this, in nanoseconds, an event is reported. */
const volatile __u64 slow = 100000000;
/* include/uapi/linux/stat.h */
#define S_IFMT	     0170000
#define S_IFSOCK     0140000
#define TASK_RUNNING 0

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inode {
	unsigned short i_mode;
};

struct file___inode {
	struct inode *f_inode;
	void *private_data;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

struct task_struct___named {
	char comm[SKOOP_COMM];
};

struct task_struct___state {
	unsigned int __state;
};

/* before 5.14 */
struct task_struct___5_13 {
	long state;
};

#pragma clang attribute pop

/* Processes that own IP sockets, by thread group, with the time at which one was seen (bpf_ktime_get_ns). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
} owners SEC(".maps");

struct waiting {
	struct place place; /* by the thread's number */
	__u64 kind;
};

/* Tasks that could run but do not. */
SKOOP_PLACES(waits, struct waiting, 12)

SEC("iter/task_file")
int find_owners(struct bpf_iter__task_file *step)
{
	struct task_struct *task = step->task;
	struct file *file = step->file;
	struct file___inode *typed = (void *)file;
	struct socket *socket;
	__u64 now, *seen;
	__u16 family;
	__u32 tgid;

	if (!task || !file || (BPF_CORE_READ(typed, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return 0;
	tgid = BPF_CORE_READ(task, tgid);
	now = bpf_ktime_get_ns();
	seen = bpf_map_lookup_elem(&owners, &tgid);
	/* by another of its files a moment ago */
	if (seen && now - *seen < 1000000000)
		return 0;
	socket = BPF_CORE_READ(typed, private_data);
	family = BPF_CORE_READ(socket, sk, __sk_common.skc_family);
	if (family == AF_INET || family == AF_INET6)
		bpf_map_update_elem(&owners, &tgid, &now, BPF_ANY);
	return 0;
}

static __always_inline bool is_owner(struct task_struct *task, bool typed)
{
	__u32 tgid = READ(typed, task, tgid);

	/* idle is no process, and what CPUs switch to and from most */
	return tgid && bpf_map_lookup_elem(&owners, &tgid);
}

static __always_inline void wait_begins(struct task_struct *task, enum skoop_task_wait kind,
					bool typed)
{
	__u32 thread = READ(typed, task, pid);
	struct waiting *waiting = waits_take(thread, bpf_ktime_get_ns());

	if (waiting)
		waiting->kind = kind;
}

static __always_inline bool can_run(struct task_struct *task, bool typed)
{
	struct task_struct___state *new = (void *)task;
	struct task_struct___5_13 *old = (void *)task;

	if (bpf_core_field_exists(new->__state))
		return READ(typed, new, __state) == TASK_RUNNING;
	return READ(typed, old, state) == TASK_RUNNING;
}

static __always_inline void wait_ends(void *context, struct task_struct *task, bool typed)
{
	__u32 thread = READ(typed, task, pid), netns;
	struct waiting *waiting = thread ? waits_find(thread) : NULL;
	struct task_struct___named *named = (void *)task;
	struct skoop_tasklatency_event *event;
	__u64 now, latency;

	if (!waiting)
		return;
	now = bpf_ktime_get_ns();
	latency = now - waiting->place.since;
	netns = READ(typed, task, nsproxy, net_ns, ns.inum);
	histogram_add(netns, waiting->kind, latency);
	if (latency > slow && events_wanted) {
		event = event_reserve(context, sizeof(*event));
		if (event) {
			event->event.time = now;
			event->event.netns = netns;
			event->event.kind = waiting->kind;
			event->event.pid = READ(typed, task, tgid);
			event->event.thread = thread;
			BPF_CORE_READ_STR_INTO(&event->event.comm, named, comm);
			event->latency = latency;
			event->cpu = bpf_get_smp_processor_id();
			event_submit(event);
		}
	}
	waits_free(thread);
}

static __always_inline int switched(void *context, bool preempted, struct task_struct *prev,
				    struct task_struct *next, bool typed)
{
	if (is_owner(prev, typed)) {
		/* it may have been about to sleep, and wants to run all the same */
		if (preempted || can_run(prev, typed))
			wait_begins(prev, SKOOP_TASK_PREEMPTED, typed);
		else /* what was woken before it slept did not wait */
			waits_free(READ(typed, prev, pid));
	}
	wait_ends(context, next, typed);
	return 0;
}

static __always_inline int woken(struct task_struct *task, bool typed)
{
	/* woken again: it has been waiting since the first time */
	if (is_owner(task, typed) && !waits_find(READ(typed, task, pid)))
		wait_begins(task, SKOOP_TASK_WOKEN, typed);
	return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	return woken(task, true);
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(on_wakeup_new, struct task_struct *task)
{
	return woken(task, true);
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return switched(ctx, preempt, prev, next, true);
}

SEC("raw_tp/sched_wakeup")
int BPF_PROG(on_wakeup_raw, struct task_struct *task)
{
	return woken(task, false);
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_wakeup_new_raw, struct task_struct *task)
{
	return woken(task, false);
}

SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch_raw, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return switched(ctx, preempt, prev, next, false);
}
