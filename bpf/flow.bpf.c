/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bytes and packets between every two ends, as they pass the devices of the node and of its pods.
 *
 * Hooks: tracepoints net:net_dev_queue and net:netif_receive_skb, since 2.6.37; drops from skb:kfree_skb,
 * retransmissions from tcp:tcp_retransmit_skb (4.16). Why these: they see every device of every namespace, also those
 * that come later, and leave nothing behind on any of them, as filters of traffic control do.
 */
#include <skoop/abi/flow.h>
#include <skoop/losses.h>
#include <skoop/rows.h>

SKOOP_LICENSE;

#define IFF_LOOPBACK 8
#define NODE_DEVICE  1

/* Whether ports tell flows apart. */
const volatile bool ports_wanted = false;
/* The node's namespace: there only the devices in the map count, or those with a name. */
const volatile __u32 node_netns;
/* The name, or how it begins, of devices that count; 0: no name is given. */
const volatile char device_name[SKOOP_DEVICE_NAME];
const volatile __u32 device_name_length;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct net_device___flags {
	unsigned int flags;
};

struct sk_buff___way {
	int skb_iif;
};

#pragma clang attribute pop

/* The tracepoint as kernels have it since 6.17: looked for by the number of its arguments. */
typedef void (*btf_trace_tcp_retransmit_skb___error)(void *, const struct sock *,
						     const struct sk_buff *, int);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct skoop_flow_key);
	__type(value, struct skoop_flow);
} flows SEC(".maps");

__u64 flows_full;

/* Devices of the node that count; user space knows which have a default route. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct skoop_flow_device);
	__type(value, __u32);
} devices SEC(".maps");

static const struct skoop_flow no_flow;

static __always_inline bool has_name(struct net_device *device)
{
	char name[SKOOP_DEVICE_NAME] = {};

	BPF_CORE_READ_INTO(&name, device, name);
	for (__u32 position = 0; position < SKOOP_DEVICE_NAME; position++) {
		if (position >= device_name_length)
			break;
		if (name[position] != device_name[position])
			return false;
	}
	return true;
}

static __always_inline bool counts(struct net_device *device, __u32 netns, bool typed)
{
	struct skoop_flow_device key = {.netns = netns, .index = READ(typed, device, ifindex)};
	struct net_device___flags *flags = (void *)device;

	if (READ(typed, flags, flags) & IFF_LOOPBACK)
		return false;
	/* a pod's devices are its way out; on the node those to pods would count everything once more */
	if (netns != node_netns)
		return true;
	if (device_name_length)
		return has_name(device);
	return bpf_map_lookup_elem(&devices, &key);
}

static __always_inline struct skoop_flow *flow_of(struct skoop_flow_key *key)
{
	struct skoop_flow *flow;

	key->tuple.protocol = named_protocol(key->tuple.protocol);
	if (!ports_wanted) {
		key->tuple.source_port = 0;
		key->tuple.destination_port = 0;
	}
	flow = row_of(&flows, key, &no_flow, &flows_full);
	if (flow)
		flow->last = bpf_ktime_get_ns();
	return flow;
}

/*
 * How far one address is behind another. As one subtraction, which is all that the verifier allows of two pointers; the
 * compiler adds where it likes to, and from 7.0 on such fields of a packet are pointers also to the verifier.
 */
static __always_inline __u64 distance(const void *from, const void *to)
{
	__u64 result = (__u64)to;

	asm volatile("%0 -= %1" : "+r"(result) : "r"(from));
	return result;
}

static __always_inline int passes(struct sk_buff *skb, enum skoop_flow_direction direction,
				  bool typed)
{
	struct net_device *device = READ(typed, skb, dev);
	struct skoop_flow_key key = {.direction = direction};
	struct skoop_flow *flow;
	__u64 bytes;

	if (!device)
		return 0;
	key.netns = netns_of_device(device, typed);
	if (!counts(device, key.netns, typed))
		return 0;
	/* where the network header is, is known only to what comes next, or to drivers that merge packets */
	if (direction == SKOOP_FLOW_INGRESS)
		tuple_at(&key.tuple, READ(typed, skb, data));
	else
		tuple_of_packet(&key.tuple, skb, typed);
	if (!key.tuple.family)
		return 0;
	flow = flow_of(&key);
	if (!flow)
		return 0;
	bytes = READ(typed, skb, len);
	/* with the link's header in both directions; a received packet has it before its data */
	if (direction == SKOOP_FLOW_INGRESS)
		bytes += distance(READ(typed, skb, head), READ(typed, skb, data)) -
			 READ(typed, skb, mac_header);
	__sync_fetch_and_add(&flow->bytes, bytes);
	__sync_fetch_and_add(&flow->packets, 1);
	return 0;
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(on_queue, struct sk_buff *skb)
{
	return passes(skb, SKOOP_FLOW_EGRESS, true);
}

SEC("raw_tp/net_dev_queue")
int BPF_PROG(on_queue_raw, struct sk_buff *skb)
{
	return passes(skb, SKOOP_FLOW_EGRESS, false);
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(on_receive, struct sk_buff *skb)
{
	return passes(skb, SKOOP_FLOW_INGRESS, true);
}

SEC("raw_tp/netif_receive_skb")
int BPF_PROG(on_receive_raw, struct sk_buff *skb)
{
	return passes(skb, SKOOP_FLOW_INGRESS, false);
}

/* Whether a packet stays in its namespace: the device that it passes is not always known. */
static __always_inline bool is_loopback(const struct skoop_tuple *tuple)
{
	const __u64 *source = (const void *)tuple->source,
		    *destination = (const void *)tuple->destination;

	return (tuple->family == AF_INET && tuple->destination[0] == 127) ||
	       (source[0] == destination[0] && source[1] == destination[1]);
}

static __always_inline int retransmitted(unsigned long long *arguments, bool typed)
{
	struct sock *sk = (void *)arguments[0];
	struct skoop_flow_key key = {.direction = SKOOP_FLOW_EGRESS,
				     .netns = netns_of_sock(sk, typed)};
	struct skoop_flow *flow;

	/* sending failed */
	if (bpf_core_type_exists(btf_trace_tcp_retransmit_skb___error) && (int)arguments[2])
		return 0;
	tuple_of_sock(&key.tuple, sk, typed);
	tuple_unmap(&key.tuple);
	if (is_loopback(&key.tuple))
		return 0;
	flow = flow_of(&key);
	if (flow)
		__sync_fetch_and_add(&flow->retransmits, 1);
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int on_retransmit(unsigned long long *arguments)
{
	return retransmitted(arguments, true);
}

SEC("raw_tp/tcp_retransmit_skb")
int on_retransmit_raw(unsigned long long *arguments)
{
	return retransmitted(arguments, false);
}

static __always_inline int dropped(unsigned long long *arguments, bool typed)
{
	struct skoop_flow_key key = {};
	struct skoop_flow *flow;
	struct loss loss = {};
	struct sk_buff___way *way;
	struct sk_buff *skb;
	bool received;

	if (!loss_of(&loss, arguments, typed) || is_loopback(&loss.tuple))
		return 0;
	skb = loss.skb;
	way = (void *)skb;
	key.tuple = loss.tuple;
	key.netns = netns_of_dropped(skb, loss.receiver, typed);
	/* what comes in has the number of its device, and soon a socket too; what goes out has the socket that sent it */
	received = loss.receiver || READ(typed, way, skb_iif) || !READ(typed, skb, sk);
	key.direction = received ? SKOOP_FLOW_INGRESS : SKOOP_FLOW_EGRESS;
	flow = flow_of(&key);
	if (flow)
		__sync_fetch_and_add(&flow->drops, 1);
	return 0;
}

SEC("tp_btf/kfree_skb")
int on_kfree_skb(unsigned long long *arguments)
{
	return dropped(arguments, true);
}

SEC("raw_tp/kfree_skb")
int on_kfree_skb_raw(unsigned long long *arguments)
{
	return dropped(arguments, false);
}
