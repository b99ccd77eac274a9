/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long packets take through the IP layer: received, sent and forwarded ones, in stages.
 *
 * Every way begins and ends at tracepoints wherever it can: net:netif_receive_skb and net:net_dev_queue (2.6.37) see every
 * packet one by one, also those that the device handed over as a list. What lies between is seen at the IP layer's
 * functions (by fentry, else kprobe), or where the kernel has neither, from within netfilter's hooks (6.4), first and last
 * of all that is called there. Functions are seen in all namespaces at once, hooks in those that they are attached in.
 * Of the functions those are taken that compilers leave alone because they are large or called by address: not
 * ip_rcv_finish, which is inlined into its caller, but the look-up of the route that it begins with. A packet that needs
 * none, for its socket was found before or it never left the host, has no stage ROUTE.
 *
 * skb:kfree_skb tells what was dropped on the way.
 */
#include <skoop/abi/kernellatency.h>
#include <skoop/events.h>
#define HISTOGRAM_GROUPS
#include <skoop/histogram.h>
#include <skoop/kprobe.h>
#include <skoop/packet.h>
#include <skoop/places.h>

SKOOP_LICENSE;

struct packet {
	__u64 key;
	__u64 since;
	__u64 prerouted; /* these are 0 until the packet comes there */
	__u64 routed;
	__u64 output;
	__u64 finished;
	__u64 direction;
	__u64 reserved;
};
SKOOP_PLACES(packets, struct packet, 13)

#define NF_ACCEPT    1

#define ETH_P_IP     0x0800
#define ETH_P_8021Q  0x8100
#define ETH_P_IPV6   0x86dd
#define ETH_P_8021AD 0x88a8

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct nf_hook_state {
	struct net *net;
};

struct bpf_nf_ctx {
	const struct nf_hook_state *state;
	struct sk_buff *skb;
};

#pragma clang attribute pop

/* Above this, in nanoseconds, an event is reported. */
const volatile __u64 slow = 10000000;

/* Where a packet stands while the stages of its way are measured. */
struct way {
	__u64 at;
	__u32 netns;
	__u32 direction;
	__u64 stages[SKOOP_KERNELLATENCY_STAGES];
	__u64 seen;
	struct skoop_histogram_group
		*histograms; /* of this direction; NULL where there was no room */
};

static __always_inline void begin(const struct sk_buff *skb, __u64 direction, bool typed)
{
	struct packet *packet = packets_take(number_of(skb, typed), bpf_ktime_get_ns());

	if (!packet)
		return;
	packet->prerouted = 0;
	packet->routed = 0;
	packet->output = 0;
	packet->finished = 0;
	packet->direction = direction;
}

static __always_inline int received(struct sk_buff *skb, bool typed)
{
	__be16 protocol = READ(typed, skb, protocol);

	if (protocol == bpf_htons(ETH_P_IP) || protocol == bpf_htons(ETH_P_IPV6) ||
	    protocol == bpf_htons(ETH_P_8021Q) || protocol == bpf_htons(ETH_P_8021AD))
		begin(skb, SKOOP_KERNELLATENCY_RX, typed);
	return 0;
}

static __always_inline int prerouted(const struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));

	/* a route is also looked for when an ICMP error is to be sent about a packet that has gone on */
	if (packet && !packet->routed)
		packet->prerouted = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int local(const struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));

	if (packet)
		packet->routed = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int forwarded(const struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));

	if (!packet)
		return 0;
	packet->routed = bpf_ktime_get_ns();
	packet->direction = SKOOP_KERNELLATENCY_FORWARD;
	return 0;
}

static __always_inline int handed_over(const struct sk_buff *skb, bool typed)
{
	begin(skb, SKOOP_KERNELLATENCY_TX, typed);
	return 0;
}

/* TCP over IPv4 has handed it over before, and looked for a route since. */
static __always_inline int local_out(const struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));

	if (packet && packet->direction == SKOOP_KERNELLATENCY_TX && !packet->output)
		return 0;
	return handed_over(skb, typed);
}

static __always_inline int output(const struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));

	if (packet)
		packet->output = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int finished(const struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));

	if (packet)
		packet->finished = bpf_ktime_get_ns();
	return 0;
}

static __always_inline void step(struct way *way, __u32 stage, __u64 to)
{
	__u64 latency = to - way->at;

	way->at = to;
	way->stages[stage] = latency;
	way->seen |= 1 << stage;
	if (way->histograms)
		histogram_count(&way->histograms->kinds[stage], latency);
}

static __always_inline void arrived(void *context, struct sk_buff *skb, const struct way *way,
				    __u64 since, bool typed)
{
	__u64 latency = way->at - since;
	struct skoop_kernellatency_event *event;

	if (way->histograms)
		histogram_count(&way->histograms->kinds[SKOOP_KERNELLATENCY_TOTAL], latency);
	if (latency <= slow || !events_wanted)
		return;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return;
	event->event.time = way->at;
	event->event.netns = way->netns;
	event->event.kind = way->direction;
	tuple_of_packet(&event->event.tuple, skb, typed);
	event->latency = latency;
	__builtin_memcpy(event->stages, way->stages, sizeof(event->stages));
	event->seen = way->seen;
	event_submit(event);
}

/* The time until a point that was not seen belongs to the stage before it. */
static __always_inline void step_to_routed(struct way *way, const struct packet *packet)
{
	if (packet->prerouted) {
		step(way, SKOOP_KERNELLATENCY_PREROUTING, packet->prerouted);
		if (packet->routed)
			step(way, SKOOP_KERNELLATENCY_ROUTE, packet->routed);
	} else if (packet->routed) {
		step(way, SKOOP_KERNELLATENCY_PREROUTING, packet->routed);
	}
}

static __always_inline int delivered(void *context, struct sk_buff *skb, __u32 netns, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));
	struct way way = {.netns = netns, .direction = SKOOP_KERNELLATENCY_RX};
	struct packet seen;

	if (!packet)
		return 0;
	seen = *packet;
	packets_free(packet->key);
	if (seen.direction != SKOOP_KERNELLATENCY_RX)
		return 0;
	way.at = seen.since;
	way.histograms = histograms_of(way.netns, way.direction);
	step_to_routed(&way, &seen);
	step(&way, SKOOP_KERNELLATENCY_LOCAL_IN, bpf_ktime_get_ns());
	arrived(context, skb, &way, seen.since, typed);
	return 0;
}

static __always_inline int queued(void *context, struct sk_buff *skb, bool typed)
{
	struct packet *packet = packets_find(number_of(skb, typed));
	__u64 now = bpf_ktime_get_ns();
	struct way way = {};
	struct packet seen;

	if (!packet)
		return 0;
	seen = *packet;
	packets_free(packet->key);
	/* received and sent again: below the IP layer, by a bridge for example */
	if (seen.direction == SKOOP_KERNELLATENCY_RX)
		return 0;
	way.at = seen.since;
	way.netns = netns_of_packet(skb, typed);
	way.direction = seen.direction;
	way.histograms = histograms_of(way.netns, way.direction);
	if (seen.direction == SKOOP_KERNELLATENCY_FORWARD) {
		step_to_routed(&way, &seen);
		step(&way, SKOOP_KERNELLATENCY_FORWARDED, seen.output ?: now);
	} else {
		step(&way, SKOOP_KERNELLATENCY_LOCAL_OUT, seen.output ?: now);
	}
	if (seen.output)
		step(&way, SKOOP_KERNELLATENCY_POSTROUTING, seen.finished ?: now);
	if (seen.finished)
		step(&way, SKOOP_KERNELLATENCY_NEIGHBOUR, now);
	arrived(context, skb, &way, seen.since, typed);
	return 0;
}

/* The begin of receiving, the end of sending, and what comes to neither */

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(on_receive, struct sk_buff *skb)
{
	return received(skb, true);
}

SEC("raw_tp/netif_receive_skb")
int BPF_PROG(on_receive_raw, struct sk_buff *skb)
{
	return received(skb, false);
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(on_queue, struct sk_buff *skb)
{
	return queued(ctx, skb, true);
}

SEC("raw_tp/net_dev_queue")
int BPF_PROG(on_queue_raw, struct sk_buff *skb)
{
	return queued(ctx, skb, false);
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_drop, struct sk_buff *skb)
{
	packets_free(number_of(skb, true));
	return 0;
}

SEC("raw_tp/kfree_skb")
int BPF_PROG(on_drop_raw, struct sk_buff *skb)
{
	packets_free(number_of(skb, false));
	return 0;
}

/* What lies between, at functions */

#define AT(function, action, ...)                                                                  \
	SEC("fentry/" #function) int BPF_PROG(at_##function, __VA_ARGS__)                          \
	{                                                                                          \
		return action(skb, true);                                                          \
	}                                                                                          \
	SEC("kprobe/" #function) int BPF_KPROBE(at_##function##_kprobe, __VA_ARGS__)               \
	{                                                                                          \
		return action(skb, false);                                                         \
	}

#define DELIVERED_AT(function, ...)                                                                \
	SEC("fentry/" #function) int BPF_PROG(at_##function, __VA_ARGS__)                          \
	{                                                                                          \
		return delivered(ctx, skb, skb->dev->nd_net.net->ns.inum, true);                   \
	}                                                                                          \
	SEC("kprobe/" #function) int BPF_KPROBE(at_##function##_kprobe, __VA_ARGS__)               \
	{                                                                                          \
		return delivered(ctx, skb, netns_of_packet(skb, false), false);                    \
	}

AT(ip_route_input_noref, prerouted, struct sk_buff *skb)
AT(ip6_route_input, prerouted, struct sk_buff *skb)
AT(ip_local_deliver, local, struct sk_buff *skb)
AT(ip6_input, local, struct sk_buff *skb)
DELIVERED_AT(ip_protocol_deliver_rcu, struct net *net, struct sk_buff *skb)
DELIVERED_AT(ip6_protocol_deliver_rcu, struct net *net, struct sk_buff *skb)
AT(ip_forward, forwarded, struct sk_buff *skb)
AT(ip6_forward, forwarded, struct sk_buff *skb)
AT(__ip_queue_xmit, handed_over, struct sock *sk, struct sk_buff *skb)
AT(__ip_local_out, local_out, struct net *net, struct sock *sk, struct sk_buff *skb)
AT(ip6_xmit, handed_over, const struct sock *sk, struct sk_buff *skb)
AT(__ip6_local_out, local_out, struct net *net, struct sock *sk, struct sk_buff *skb)
AT(ip_output, output, struct net *net, struct sock *sk, struct sk_buff *skb)
AT(ip6_output, output, struct net *net, struct sock *sk, struct sk_buff *skb)
AT(ip_finish_output2, finished, struct net *net, struct sock *sk, struct sk_buff *skb)
AT(ip6_finish_output2, finished, struct net *net, struct sock *sk, struct sk_buff *skb)

/* What lies between, from within netfilter's hooks, of IPv4 and IPv6 alike */

#define IN_HOOK(name, action)                                                                      \
	SEC("netfilter") int name(struct bpf_nf_ctx *context)                                      \
	{                                                                                          \
		action(context->skb, true);                                                        \
		return NF_ACCEPT;                                                                  \
	}

IN_HOOK(last_prerouting, prerouted)
IN_HOOK(first_local_in, local)
IN_HOOK(first_forward, forwarded)
IN_HOOK(first_local_out, handed_over)
IN_HOOK(first_postrouting, output)
IN_HOOK(last_postrouting, finished)

SEC("netfilter") int last_local_in(struct bpf_nf_ctx *context)
{
	delivered(context, context->skb, context->state->net->ns.inum, true);
	return NF_ACCEPT;
}
