/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long packets to be sent wait in a queueing discipline, and how long the device's driver takes to send them.
 *
 * Hooks: tracepoints net:net_dev_queue, net:net_dev_start_xmit and net:net_dev_xmit (2.6.37, 3.15, 2.6.37), qdisc:qdisc_dequeue
 * (4.13) and skb:kfree_skb. Why these: every packet passes the first, those of devices that queue nothing too, and the
 * two around the driver. What leaves a queue is seen at qdisc_dequeue, since after it the packet may be cut into segments
 * that nobody knows; what finds the queue empty goes past it, straight to the driver. As tp_btf, or where the kernel shows no
 * types itself, as raw_tp.
 *
 * A packet in a queue is remembered by its address. A queueing discipline may itself cut a large packet into segments (tbf,
 * cake): they are told by the time stamp that TCP gave their packet when it sent it.
 */
#include <skoop/abi/netiftxlat.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/packet.h>
#include <skoop/places.h>

SKOOP_LICENSE;

struct packet {
	__u64 key;
	__u64 since;
	__u64 length; /* what is at the same address but has another length is another packet */
	__u64 reserved;
};
SKOOP_PLACES(packets, struct packet, 13)

/* So many of a bulk of packets are measured when it leaves the queue, and so many more when the driver gets them. */
#define BULK 8
#define REST 120
/* Segments that have waited longer than this have a time stamp of another clock. */
#define STAMP_LIFETIME 60000000000ULL

/* net_device.flags of struct Qdisc: a root whose children do the queueing */
#define TCQ_F_MQROOT 8

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct Qdisc {
	void *enqueue;
	unsigned int flags;
};

struct net_device___sending {
	struct Qdisc *qdisc;
};

struct sk_buff___sending {
	struct sk_buff *next;
	__u64 skb_mstamp_ns;
};

#pragma clang attribute pop

/* Above these, in nanoseconds, an event is reported. */
const volatile __u64 slow[SKOOP_NETIFTXLAT_STAGES] = {100000000, 100000000};

#define HEADERS 96
#define NESTED	8

/* A packet in the hands of a driver. */
struct sending {
	__u64 skb;
	__u64 since;
	__u8 headers[HEADERS]; /* from the network header on: the driver may free the packet */
};

/* Drivers of tunnels call those of the devices below them. */
struct sendings {
	__u64 depth;
	struct sending nested[NESTED];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sendings);
} sendings SEC(".maps");

static __always_inline struct sendings *of_this_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&sendings, &zero);
}

static __always_inline bool is_queued(struct net_device *device, bool typed)
{
	struct net_device___sending *sender = (void *)device;

	return READ(typed, sender, qdisc, enqueue) ||
	       READ(typed, sender, qdisc, flags) & TCQ_F_MQROOT;
}

static __always_inline struct skoop_netiftxlat_event *event_begin(void *context,
								  struct net_device *device,
								  __u32 stage, __u64 now,
								  __u64 latency, bool typed)
{
	struct skoop_netiftxlat_event *event = event_reserve(context, sizeof(*event));

	if (!event)
		return NULL;
	event->event.time = now;
	event->event.netns = netns_of_device(device, typed);
	event->event.kind = stage;
	event->latency = latency;
	event->device = READ(typed, device, ifindex);
	return event;
}

static __always_inline void waited(void *context, struct sk_buff *skb, __u64 latency, __u64 now,
				   bool typed)
{
	struct net_device *device = READ(typed, skb, dev);
	struct skoop_netiftxlat_event *event;

	histogram_add(netns_of_device(device, typed), SKOOP_NETIFTXLAT_QDISC, latency);
	if (latency <= slow[SKOOP_NETIFTXLAT_QDISC] || !events_wanted)
		return;
	event = event_begin(context, device, SKOOP_NETIFTXLAT_QDISC, now, latency, typed);
	if (!event)
		return;
	event->length = READ(typed, skb, len);
	tuple_of_packet(&event->event.tuple, skb, typed);
	event_submit(event);
}

static __always_inline int queued(struct sk_buff *skb, bool typed)
{
	__u64 key = number_of(skb, typed);
	struct packet *packet;

	if (!is_queued(READ(typed, skb, dev), typed)) {
		packets_free(key);
		return 0;
	}
	packet = packets_take(key, bpf_ktime_get_ns());
	if (packet)
		packet->length = READ(typed, skb, len);
	return 0;
}

/* When TCP sent the packet that this one is a segment of; 0 where that is not known. */
static __always_inline __u64 stamp_of(struct sk_buff *skb, __u64 now, bool typed)
{
	__u64 stamp = READ(typed, (struct sk_buff___sending *)skb, skb_mstamp_ns);

	return stamp > now || now - stamp > STAMP_LIFETIME ? 0 : stamp;
}

static __always_inline struct sk_buff *after(struct sk_buff *skb, bool typed)
{
	return (void *)READ(typed, (struct sk_buff___sending *)skb, next);
}

static __always_inline struct packet *packet_of(struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));

	return packet && packet->length == READ(typed, skb, len) ? packet : NULL;
}

/*
 * Sees to it that a packet is measured when the driver gets it: segments are known to nobody yet. Not static, so that the
 * verifier looks at it once and not at every packet of a bulk, and hence with a number for an argument.
 */
__noinline int remember(__u64 address, __u64 now)
{
	struct sk_buff *skb = (void *)address;
	struct packet *packet;

	if (packet_of(skb, false))
		return 0;
	packet = packets_take(address, stamp_of(skb, now, false));
	if (packet)
		packet->length = BPF_CORE_READ(skb, len);
	return 0;
}

static __always_inline int dequeued(void *context, struct sk_buff *skb, bool typed)
{
	__u64 now = bpf_ktime_get_ns(), since;
	struct packet *packet;
	int place;

	for (place = 0; place < BULK && skb; place++) {
		packet = packet_of(skb, typed);
		if (packet) {
			since = packet->since;
			/* it may be put back and come once more */
			packet->since = 0;
		} else {
			since = stamp_of(skb, now, typed);
		}
		if (since)
			waited(context, skb, now - since, now, typed);
		skb = after(skb, typed);
	}
	for (place = 0; place < REST && skb; place++) {
		remember(number_of(skb, typed), now);
		skb = after(skb, typed);
	}
	return 0;
}

static __always_inline int started(void *context, struct sk_buff *skb, bool typed)
{
	__u64 key = number_of(skb, typed);
	struct sendings *sendings = of_this_cpu();
	struct packet *packet = packets_find(key);
	__u64 now = bpf_ktime_get_ns();
	struct sending *sending;

	if (packet) {
		packets_free(packet->key);
		if (packet->since && packet->length == READ(typed, skb, len))
			waited(context, skb, now - packet->since, now, typed);
	}
	if (!sendings)
		return 0;
	sending = &sendings->nested[sendings->depth++ % NESTED];
	sending->skb = key;
	if (events_wanted)
		bpf_probe_read_kernel(sending->headers, HEADERS, network_header_of(skb, typed));
	/* the clock is read as late as possible, what was done here is not the driver's */
	sending->since = bpf_ktime_get_ns();
	return 0;
}

/* The begin of this packet's sending; what is nested deeper has ended unseen. */
static __always_inline struct sending *sending_of(struct sendings *sendings, __u64 key)
{
#pragma unroll
	for (int level = 1; level <= NESTED; level++) {
		struct sending *sending = &sendings->nested[(sendings->depth - level) % NESTED];

		if (sending->skb == key) {
			sendings->depth -= level;
			return sending;
		}
	}
	return NULL;
}

static __always_inline void tuple_of_headers(struct skoop_tuple *tuple, __u64 headers)
{
	void *transport = tuple_at(tuple, (void *)headers);

	/* past so many extension headers, it was not kept */
	if ((__u64)transport - headers > HEADERS - 4) {
		tuple->source_port = 0;
		tuple->destination_port = 0;
	}
}

static __always_inline int sent(void *context, struct sk_buff *skb, struct net_device *device,
				__u32 length, bool typed)
{
	__u64 now = bpf_ktime_get_ns(), latency;
	struct sendings *sendings = of_this_cpu();
	struct skoop_netiftxlat_event *event;
	struct sending *sending;

	if (!sendings)
		return 0;
	/* the packet itself may be gone, only its address is of use */
	sending = sending_of(sendings, number_of(skb, typed));
	if (!sending)
		return 0;
	sending->skb = 0;
	latency = now - sending->since;
	histogram_add(netns_of_device(device, typed), SKOOP_NETIFTXLAT_DRIVER, latency);
	if (latency <= slow[SKOOP_NETIFTXLAT_DRIVER] || !events_wanted)
		return 0;
	event = event_begin(context, device, SKOOP_NETIFTXLAT_DRIVER, now, latency, typed);
	if (!event)
		return 0;
	event->length = length;
	tuple_of_headers(&event->event.tuple, number_of_typed(sending->headers));
	event_submit(event);
	return 0;
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(on_queue, struct sk_buff *skb)
{
	return queued(skb, true);
}

SEC("tp_btf/qdisc_dequeue")
int BPF_PROG(on_dequeue, struct Qdisc *qdisc, void *queue, int packets, struct sk_buff *skb)
{
	return dequeued(ctx, skb, true);
}

SEC("tp_btf/net_dev_start_xmit")
int BPF_PROG(on_start, struct sk_buff *skb)
{
	return started(ctx, skb, true);
}

SEC("tp_btf/net_dev_xmit")
int BPF_PROG(on_sent, struct sk_buff *skb, int status, struct net_device *device,
	     unsigned int length)
{
	return sent(ctx, skb, device, length, true);
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_drop, struct sk_buff *skb)
{
	packets_free(number_of(skb, true));
	return 0;
}

SEC("raw_tp/net_dev_queue")
int BPF_PROG(on_queue_raw, struct sk_buff *skb)
{
	return queued(skb, false);
}

SEC("raw_tp/qdisc_dequeue")
int BPF_PROG(on_dequeue_raw, struct Qdisc *qdisc, void *queue, int packets, struct sk_buff *skb)
{
	return dequeued(ctx, skb, false);
}

SEC("raw_tp/net_dev_start_xmit")
int BPF_PROG(on_start_raw, struct sk_buff *skb)
{
	return started(ctx, skb, false);
}

SEC("raw_tp/net_dev_xmit")
int BPF_PROG(on_sent_raw, struct sk_buff *skb, int status, struct net_device *device,
	     unsigned int length)
{
	return sent(ctx, skb, device, length, false);
}

SEC("raw_tp/kfree_skb")
int BPF_PROG(on_drop_raw, struct sk_buff *skb)
{
	packets_free(number_of(skb, false));
	return 0;
}
