/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reporting events through a ring buffer (since 5.8).
 *
 * emitted = submitted + lost, always: event_reserve() counts both. A wake-up costs ten times as much as an event, so
 * the reader is woken only when another good part of the buffer has filled; it looks by itself every now and then.
 */
#ifndef SKOOP_EVENTS_H
#define SKOOP_EVENTS_H

#include <skoop/abi/event.h>
#include <skoop/core.h>

/* User space sets the size; this is what a busy node fills in some milliseconds. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct skoop_event_counts);
} event_counts SEC(".maps");

/* Whether somebody wants events at all, and kernel stacks with them; constants for the verifier. */
const volatile bool events_wanted = false;
const volatile bool stacks_wanted = false;
/* Each time that so many more bytes, a power of two, wait to be read, the reader is woken. */
#define WAKE_EVERY (64 * 1024)

static __always_inline void event_count(bool lost)
{
	__u32 zero = 0;
	struct skoop_event_counts *counts = bpf_map_lookup_elem(&event_counts, &zero);

	if (!counts)
		return;
	/* an interrupt on this CPU may count too: not a plain increment */
	__sync_fetch_and_add(&counts->emitted, 1);
	if (lost)
		__sync_fetch_and_add(&counts->lost, 1);
}

/* Room for an event of the given size and, where stacks are wanted, the caller's kernel stack after it. */
static __always_inline void *event_reserve(void *context, __u64 size)
{
	const __u64 frames = SKOOP_STACK_FRAMES * sizeof(__u64);
	void *event;

	if (stacks_wanted)
		event = bpf_ringbuf_reserve(&events, size + frames, 0);
	else
		event = bpf_ringbuf_reserve(&events, size, 0);
	/* asked once: old verifiers believe that what is no null pointer might be one after all */
	if (!event) {
		event_count(true);
		return NULL;
	}
	event_count(false);
	__builtin_memset(event, 0, size);
	if (stacks_wanted) {
		/* what the helper leaves over is not the last record's */
		__builtin_memset(event + size, 0, frames);
		/* an event without a stack is better than none */
		bpf_get_stack(context, event + size, frames, 0);
	}
	return event;
}

static __always_inline void event_submit_sized(void *event, __u64 size)
{
	/* twice the size, for two CPUs that submit at once both see what the other has added */
	__u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA),
	      window = 2 * (size + (stacks_wanted ? SKOOP_STACK_FRAMES * sizeof(__u64) : 0) +
			    8 /* BPF_RINGBUF_HDR_SZ */);
	bool wake = waiting >= WAKE_EVERY && waiting % WAKE_EVERY < window;

	bpf_ringbuf_submit(event, wake ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#define event_submit(event) event_submit_sized(event, sizeof(*(event)))

/* The current task as the event's own; only where the hook runs in its context. */
static __always_inline void event_task(struct skoop_event *event)
{
	__u64 id = bpf_get_current_pid_tgid();

	event->pid = id >> 32;
	event->thread = id;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
}

#endif
