/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every task with its network namespace, control group and I/O accounting; and the I/O of tasks that exit.
 *
 * Hooks: iter/task, since 5.8: one read of the iterator replaces five files of /proc per process.
 * tp_btf/sched_process_exit, since 5.5: what a task did since the last scrape would otherwise go with it, or
 * move to a parent that lives in another namespace.
 */
#include <skoop/task.h>

SKOOP_LICENSE;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct skoop_task_group);
	__type(value, struct skoop_io);
} exited SEC(".maps");

/* Exits that found no room in the map. */
__u64 exits_lost;

static __always_inline void read_io(const struct task_io_accounting *from, struct skoop_io *io)
{
	bpf_core_read(&io->read_calls, sizeof(__u64), &from->syscr);
	bpf_core_read(&io->write_calls, sizeof(__u64), &from->syscw);
	bpf_core_read(&io->read_bytes, sizeof(__u64), &from->read_bytes);
	bpf_core_read(&io->written_bytes, sizeof(__u64), &from->write_bytes);
}

SEC("iter/task")
int list_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct skoop_task record = {};
	struct signal_struct *signal;

	if (!task)
		return 0;
	record.pid = BPF_CORE_READ(task, pid);
	record.tgid = BPF_CORE_READ(task, tgid);
	record.start_boottime = BPF_CORE_READ(task, group_leader, start_boottime);
	read_task_group(task, &record.group);
	read_io(&task->ioac, &record.own);
	if (record.pid == record.tgid) {
		signal = BPF_CORE_READ(task, signal);
		read_io(&signal->ioac, &record.inherited);
	}
	bpf_seq_write(ctx->meta->seq, &record, sizeof(record));
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(count_exit, struct task_struct *task)
{
	struct skoop_task_group group;
	struct skoop_io io, none = {}, *sum;

	read_task_group(task, &group);
	read_io(&task->ioac, &io);
	sum = bpf_map_lookup_elem(&exited, &group);
	if (!sum) {
		bpf_map_update_elem(&exited, &group, &none, BPF_NOEXIST);
		sum = bpf_map_lookup_elem(&exited, &group);
	}
	if (!sum) {
		__sync_fetch_and_add(&exits_lost, 1);
		return 0;
	}
	__sync_fetch_and_add(&sum->read_calls, io.read_calls);
	__sync_fetch_and_add(&sum->write_calls, io.write_calls);
	__sync_fetch_and_add(&sum->read_bytes, io.read_bytes);
	__sync_fetch_and_add(&sum->written_bytes, io.written_bytes);
	return 0;
}
