/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long commands to virtio network devices take: the driver holds the CPU until the hypervisor has answered.
 *
 * Hook: entry and return of virtnet_send_command(), since 2.6.30; from 6.10 also virtnet_send_command_reply(), which
 * then does the work. Why this one: the driver has no tracepoint. By fexit, which has both ends in one, or kprobes.
 */
#include <skoop/abi/virtcmdlatency.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/kprobe.h>

SKOOP_LICENSE;

/* Above this, in nanoseconds, an event is reported. */
const volatile __u64 slow = 10000000;

struct command {
	__u64 time;
	__u32 class;
	__u32 reserved;
};

/* By thread; a command is over when the function returns. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct command);
} commands SEC(".maps");

static __always_inline int began(__u8 class)
{
	__u32 thread = bpf_get_current_pid_tgid();
	struct command command = {.time = bpf_ktime_get_ns(), .class = class};

	bpf_map_update_elem(&commands, &thread, &command, BPF_ANY);
	return 0;
}

static __always_inline int ended(void *context)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 thread = bpf_get_current_pid_tgid();
	struct command *command = bpf_map_lookup_elem(&commands, &thread);
	struct skoop_virtcmdlatency_event *event;
	__u64 latency;

	if (!command)
		return 0;
	latency = now - command->time;
	histogram_add(0, 0, latency);
	if (latency > slow && events_wanted) {
		event = event_reserve(context, sizeof(*event));
		if (event) {
			event->event.time = now;
			event_task(&event->event);
			event->latency = latency;
			event->cpu = bpf_get_smp_processor_id();
			event->class = command->class;
			event_submit(event);
		}
	}
	bpf_map_delete_elem(&commands, &thread);
	return 0;
}

SEC("fentry")
int BPF_PROG(on_entry_fentry, void *info, __u8 class)
{
	return began(class);
}

SEC("fexit")
int BPF_PROG(on_return_fexit)
{
	return ended(ctx);
}

SEC("kprobe")
int BPF_KPROBE(on_entry, void *info, __u8 class)
{
	return began(class);
}

SEC("kretprobe")
int BPF_KRETPROBE(on_return)
{
	return ended(ctx);
}
