/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long softirqs wait to run, and how long they run.
 *
 * Hook: tracepoints irq:softirq_raise, irq:softirq_entry and irq:softirq_exit, since 2.6.31. Why these: every softirq
 * passes them, whether it runs at the end of an interrupt, in ksoftirqd or when a task enables softirqs again, and their
 * only argument is the vector. As tp_btf, or where the kernel shows no types itself, as raw_tp.
 *
 * A softirq is pending on one CPU and runs there, so that what is known of it is per CPU; raising another CPU's means
 * to interrupt that one. Raising again what is pending changes nothing: the first time counts.
 */
#define HISTOGRAM_KINDS (SKOOP_SOFTIRQS * 2)

#include <skoop/abi/softirq.h>
#include <skoop/events.h>
#include <skoop/histogram.h>

SKOOP_LICENSE;

/* Bit n: vector n is to be watched. */
const volatile __u32 vectors = 1 << 3;
/* Above these, in nanoseconds, an event is reported. */
const volatile __u64 slow[2] = {10000000, 10000000};

struct softirqs {
	__u64 raised[16]; /* ns; 0: not pending */
	__u64 began;	  /* one runs at a time */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct softirqs);
} softirqs SEC(".maps");

static __always_inline struct softirqs *of_this_cpu(__u32 vector)
{
	__u32 zero = 0;

	if (vector >= SKOOP_SOFTIRQS || !(vectors & 1 << vector))
		return NULL;
	return bpf_map_lookup_elem(&softirqs, &zero);
}

static __always_inline void took(void *context, __u32 vector, enum skoop_softirq_phase phase,
				 __u64 begin, __u64 end)
{
	struct skoop_softirq_event *event;

	histogram_add(vector * 2 + phase, end - begin);
	if (end - begin <= slow[phase] || !events_wanted)
		return;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return;
	event->event.time = end;
	event->event.kind = phase;
	event_task(&event->event);
	event->latency = end - begin;
	event->cpu = bpf_get_smp_processor_id();
	event->vector = vector;
	event_submit(event);
}

static __always_inline int raised(__u32 vector)
{
	struct softirqs *cpu = of_this_cpu(vector);

	if (cpu && !cpu->raised[vector & 15])
		cpu->raised[vector & 15] = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int entered(void *context, __u32 vector)
{
	struct softirqs *cpu = of_this_cpu(vector);
	__u64 since;

	if (!cpu)
		return 0;
	/* cleared before anything else: from here on it can be raised for its next run */
	since = cpu->raised[vector & 15];
	cpu->raised[vector & 15] = 0;
	cpu->began = bpf_ktime_get_ns();
	if (since)
		took(context, vector, SKOOP_SOFTIRQ_RAISED, since, cpu->began);
	return 0;
}

static __always_inline int left(void *context, __u32 vector)
{
	struct softirqs *cpu = of_this_cpu(vector);

	if (!cpu || !cpu->began)
		return 0;
	took(context, vector, SKOOP_SOFTIRQ_RUN, cpu->began, bpf_ktime_get_ns());
	cpu->began = 0;
	return 0;
}

SEC("tp_btf/softirq_raise")
int BPF_PROG(on_raise, unsigned int vector)
{
	return raised(vector);
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(on_entry, unsigned int vector)
{
	return entered(ctx, vector);
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(on_exit, unsigned int vector)
{
	return left(ctx, vector);
}

SEC("raw_tp/softirq_raise")
int BPF_PROG(on_raise_raw, unsigned int vector)
{
	return raised(vector);
}

SEC("raw_tp/softirq_entry")
int BPF_PROG(on_entry_raw, unsigned int vector)
{
	return entered(ctx, vector);
}

SEC("raw_tp/softirq_exit")
int BPF_PROG(on_exit_raw, unsigned int vector)
{
	return left(ctx, vector);
}
