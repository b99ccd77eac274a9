/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packets as programs at a control group's sockets see them (cgroup_skb): from the network header on, with ends and ports.
 */
#ifndef SKOOP_SOCKET_PACKET_H
#define SKOOP_SOCKET_PACKET_H

#include <skoop/packet.h>
#include <skoop/places.h>

#define ETH_P_IP   0x0800
#define ETH_P_IPV6 0x86dd

/* include/uapi/linux/bpf.h */
struct __sk_buff {
	__u32 len;
	__u32 pkt_type;
	__u32 mark;
	__u32 queue_mapping;
	__u32 protocol;
	__u32 vlan_present;
	__u32 vlan_tci;
	__u32 vlan_proto;
	__u32 priority;
	__u32 ingress_ifindex;
	__u32 ifindex;
	__u32 tc_index;
	__u32 cb[5];
	__u32 hash;
	__u32 tc_classid;
	__u32 data;
	__u32 data_end;
	__u32 napi_id;
	__u32 family;
	__u32 remote_ip4;
	__u32 local_ip4;
	__u32 remote_ip6[4];
	__u32 local_ip6[4];
	__u32 remote_port; /* network order, in the upper half */
	__u32 local_port;  /* host order */
	__u32 data_meta;
	__u64 flow_keys;
	__u64 tstamp;
	__u32 wire_len;
	__u32 gso_segs;
	struct bpf_sock *sk;
};

struct udp_header {
	__be16 source;
	__be16 destination;
	__be16 length;
	__sum16 checksum;
};

struct tcp_header {
	__be16 source;
	__be16 destination;
	__be32 sequence;
	__be32 acknowledged;
	__u8 length; /* upper half: in words */
	__u8 flags;
	__be16 window;
	__sum16 checksum;
	__be16 urgent;
};

/* The kernel's own packet, with its type. Since 6.2, as is the helper that tells whether it is there. */
extern void *bpf_cast_to_kern_ctx(void *context) __ksym __weak;

/* The namespace of the socket: with types it costs a fifth of what the two reads cost without. */
static __always_inline __u32 netns_of_own(struct __sk_buff *skb)
{
	struct sk_buff *packet;
	struct sock *sk;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_cgrp_storage_get))
		return netns_of_sock((void *)number_of_typed(skb->sk), false);
	packet = bpf_cast_to_kern_ctx(skb);
	sk = packet->sk;
	return sk ? netns_of_sock(sk, true) : 0;
}

/*
 * Headers are read where they are: until here the kernel itself has looked at them, so that they are in the first part of
 * the packet's memory.
 */
static __always_inline void *headers_of(struct __sk_buff *skb, __u32 offset, __u32 size)
{
	void *header = (void *)(__u64)skb->data + offset;

	return header + size <= (void *)(__u64)skb->data_end ? header : NULL;
}

/* Where the transport header begins; 0 for what is of no interest. */
static __always_inline __u32 transport_of(struct __sk_buff *skb, __u8 *protocol)
{
	__u32 transport;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct ipv4_header *ip = headers_of(skb, 0, sizeof(*ip));

		if (!ip)
			return 0;
		*protocol = ip->protocol;
		transport = (ip->version_and_length & 15) * 4;
	} else {
		struct ipv6_header *ip = headers_of(skb, 0, sizeof(*ip));
		__u8 *extension;

		if (skb->protocol != bpf_htons(ETH_P_IPV6) || !ip)
			return 0;
		*protocol = ip->next_header;
		transport = sizeof(*ip);
		/* one extension header; a packet that came in fragments has none of them left */
		if (*protocol == IPPROTO_HOPOPTS || *protocol == IPPROTO_DSTOPTS ||
		    *protocol == IPPROTO_FRAGMENT) {
			extension = headers_of(skb, transport, 2);
			if (!extension)
				return 0;
			transport += *protocol == IPPROTO_FRAGMENT ? 8 : (extension[1] + 1) * 8;
			*protocol = extension[0];
		}
	}
	return has_ports(*protocol) ? transport : 0;
}

static __always_inline bool ports_of(struct __sk_buff *skb, __u32 transport,
				     struct skoop_tuple *tuple)
{
	__be16 *ports = headers_of(skb, transport, 4);

	if (!ports)
		return false;
	tuple->source_port = bpf_ntohs(ports[0]);
	tuple->destination_port = bpf_ntohs(ports[1]);
	return true;
}

static __always_inline void addresses_of(struct __sk_buff *skb, struct skoop_tuple *tuple)
{
	union ip_start *start;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		start = headers_of(skb, 0, sizeof(start->ipv4.ip));
		if (!start)
			return;
		tuple->family = AF_INET;
		put_ipv4(tuple->source, start->ipv4.ip.source);
		put_ipv4(tuple->destination, start->ipv4.ip.destination);
	} else {
		start = headers_of(skb, 0, sizeof(start->ipv6.ip));
		if (!start)
			return;
		tuple->family = AF_INET6;
		__builtin_memcpy(tuple->source, start->ipv6.ip.source, 16);
		__builtin_memcpy(tuple->destination, start->ipv6.ip.destination, 16);
	}
}

#endif
