/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long block requests take, from the moment they are accounted until they are done.
 *
 * Hooks: tracepoints block:block_io_start and block:block_io_done, since 6.5. Why these: both are passed once by every
 * request that counts in /proc/diskstats, and the first in the context of the task that sent it, whose namespace the
 * latency belongs to. Before 6.5 the function behind the first, by fentry or kprobe, and the tracepoint
 * block:block_rq_complete. Where that function is compiled into others, as in Debian's 6.1, the tracepoint block:block_getrq,
 * which tells of a request only what it is made for first; others count by the kernel's own time stamp, for the node.
 */
#include <skoop/abi/biolatency.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/places.h>
#include <skoop/kprobe.h>

SKOOP_LICENSE;

/* Above this, in nanoseconds, an event is reported. */
const volatile __u64 slow = 10000000;
/* Whether requests are seen when they begin. */
const volatile bool starts_seen = true;

/* Set where requests are known by what they were made for. */
__u8 by_bio;

/* include/linux/blk_types.h */
enum {
	REQ_OP_READ = 0,
	REQ_OP_WRITE = 1,
	REQ_OP_FLUSH = 2,
	REQ_OP_DISCARD = 3,
	REQ_OP_MASK = 255,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct gendisk {
	char disk_name[SKOOP_DISK_NAME];
};

struct request_queue {
	struct gendisk *disk;
};

struct bio {
	unsigned int bi_opf;
};

struct request {
	struct request_queue *q;
	struct bio *bio;
	unsigned int cmd_flags;
	unsigned int __data_len;
	__u64 __sector;
	__u64 start_time_ns;
};

/* before 5.17 */
struct request___5_16 {
	struct gendisk *rq_disk;
};

/* before 5.11; the tracepoint then has the queue first */
struct trace_event_raw_block_get_rq {
	char rwbs[8];
};

#pragma clang attribute pop

/* What is known of a request from its beginning. */
struct start {
	__u64 request;
	__u64 time;
	__u32 netns;
	__u32 pid;
	__u32 thread;
	char comm[SKOOP_COMM];
};

/* By address of the request, or of the first bio in it; one that is never done gives way to newer ones. */
SKOOP_PLACES(starts, struct start, 11)

static __always_inline __u32 netns_of_task(struct task_struct *task, bool typed)
{
	return READ(typed, task, nsproxy, net_ns, ns.inum);
}

static __always_inline int started(__u64 key)
{
	struct start *start = starts_take(key, bpf_ktime_get_ns());
	__u64 id = bpf_get_current_pid_tgid();

	if (!start)
		return 0;
	/* since 5.11 */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		start->netns = netns_of_task(bpf_get_current_task_btf(), true);
	else
		start->netns = netns_of_task((void *)bpf_get_current_task(), false);
	start->pid = id >> 32;
	start->thread = id;
	bpf_get_current_comm(start->comm, sizeof(start->comm));
	return 0;
}

static __always_inline __u32 operation_of(struct request *rq)
{
	__u32 operation = rq->cmd_flags & REQ_OP_MASK;

	return operation <= REQ_OP_DISCARD ? operation : SKOOP_BLOCK_OTHER;
}

static __always_inline void name_disk(char *name, struct request *rq)
{
	struct request___5_16 *old = (void *)rq;
	struct gendisk *disk = bpf_core_field_exists(old->rq_disk) ? BPF_CORE_READ(old, rq_disk)
								   : BPF_CORE_READ(rq, q, disk);

	if (disk)
		bpf_probe_read_kernel_str(name, SKOOP_DISK_NAME,
					  (void *)disk +
						  bpf_core_field_offset(struct gendisk, disk_name));
}

static __always_inline int done(void *context, struct request *rq, __u32 bytes)
{
	__u64 key = by_bio ? number_of_typed(rq->bio) : number_of_typed(rq);
	__u64 now = bpf_ktime_get_ns(), since;
	struct skoop_biolatency_event *event;
	__u32 operation = operation_of(rq);
	struct start *start = NULL;

	if (starts_seen) {
		start = starts_find(key);
		if (!start && !by_bio)
			return 0;
	}
	since = rq->start_time_ns;
	/* a bio from before that was not seen to end, at the same address */
	if (start && by_bio && start->time < since)
		start = NULL;
	if (start)
		since = start->time;
	if (!since || since > now)
		return 0;
	histogram_add(start ? start->netns : 0, operation, now - since);
	if (now - since > slow && events_wanted) {
		event = event_reserve(context, sizeof(*event));
		if (event) {
			event->event.time = now;
			event->latency = now - since;
			event->sector = rq->__sector;
			event->bytes = bytes;
			event->operation = operation;
			name_disk(event->disk, rq);
			if (start) {
				event->event.netns = start->netns;
				event->event.pid = start->pid;
				event->event.thread = start->thread;
				__builtin_memcpy(event->event.comm, start->comm, SKOOP_COMM);
			}
			event_submit(event);
		}
	}
	if (start)
		starts_free(key);
	return 0;
}

SEC("tp_btf/block_io_start")
int BPF_PROG(on_start, struct request *rq)
{
	return started(number_of_typed(rq));
}

SEC("fentry")
int BPF_PROG(on_start_fentry, struct request *rq)
{
	return started(number_of_typed(rq));
}

SEC("kprobe")
int BPF_KPROBE(on_start_kprobe, struct request *rq)
{
	return started((__u64)rq);
}

SEC("tp_btf/block_getrq")
int on_bio(unsigned long long *arguments)
{
	by_bio = 1;
	if (bpf_core_type_exists(struct trace_event_raw_block_get_rq))
		return started(number_of_typed((void *)arguments[1]));
	return started(number_of_typed((void *)arguments[0]));
}

SEC("tp_btf/block_io_done")
int BPF_PROG(on_done, struct request *rq)
{
	/* what is left of the length is what is not transferred yet: nothing */
	return done(ctx, rq, 0);
}

/* Passed for every part that is done; the last one is as long as what is left. */
SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete, struct request *rq, int error, unsigned int bytes)
{
	if (bytes < rq->__data_len)
		return 0;
	return done(ctx, rq, bytes);
}
