/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What packets and sockets say of themselves: their ends and their network namespace. */
#ifndef SKOOP_PACKET_H
#define SKOOP_PACKET_H

#include <skoop/abi/event.h>
#include <skoop/core.h>

#include <bpf/bpf_endian.h>

#define IPPROTO_HOPOPTS	 0
#define IPPROTO_ICMP	 1
#define IPPROTO_TCP	 6
#define IPPROTO_UDP	 17
#define IPPROTO_ROUTING	 43
#define IPPROTO_FRAGMENT 44
#define IPPROTO_ICMPV6	 58
#define IPPROTO_DSTOPTS	 60

/* Headers as they are on the wire: no kernel's own types, so nothing to relocate. */
struct ipv4_header {
	__u8 version_and_length;
	__u8 tos;
	__be16 total_length;
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__sum16 checksum;
	__be32 source;
	__be32 destination;
};

struct ipv6_header {
	__be32 flow;
	__be16 payload_length;
	__u8 next_header;
	__u8 hop_limit;
	__u8 source[16];
	__u8 destination[16];
} __attribute__((aligned(8))); /* so that addresses are read by words, wherever the packet is */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct inet_sock___port {
	__be16 inet_sport;
};

#pragma clang attribute pop

/*
 * What follows takes pointers whose types the verifier knows, or any others: see READ().
 */

static __always_inline __u32 netns_of_sock(struct sock *sk, bool typed)
{
	return READ(typed, sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline __u32 netns_of_device(struct net_device *device, bool typed)
{
	return READ(typed, device, nd_net.net, ns.inum);
}

/* An IPv4 address into a tuple, in one word: who reads it does so by words, for which two halves make the CPU wait. */
static __always_inline void put_ipv4(__u8 *place, __be32 address)
{
	*(__u64 *)place =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? address : (__u64)address << 32;
}

/* The namespace a packet is in: that of its device, else of its socket; 0 where it has neither. */
static __always_inline __u32 netns_of_packet(struct sk_buff *skb, bool typed)
{
	struct net_device *device = READ(typed, skb, dev);
	struct sock *sk;

	if (device)
		return netns_of_device(device, typed);
	sk = READ(typed, skb, sk);
	return sk ? netns_of_sock(sk, typed) : 0;
}

/* Protocols that have no name in the labels have one row. */
static __always_inline __u8 named_protocol(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP ||
			       protocol == IPPROTO_ICMPV6
		       ? protocol
		       : 0;
}

static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/*
 * A TCP socket as such: with a pointer to a socket, the verifier allows only what all sockets have. NULL where it is none.
 */
static __always_inline struct tcp_sock *tcp_of_sock(struct sock *sk, bool typed)
{
	return typed ? bpf_skc_to_tcp_sock(sk) : (struct tcp_sock *)sk;
}

/* An IP header as a packet begins with it, and what is behind it in most packets. */
union ip_start {
	struct {
		struct ipv4_header ip;
		__be16 ports[2];
	} ipv4;
	struct {
		struct ipv6_header ip;
		__be16 ports[2];
	} ipv6;
};

static __always_inline void ports_at(struct skoop_tuple *tuple, const void *header,
				     const __be16 *near)
{
	__be16 ports[2] = {};

	if (!has_ports(tuple->protocol))
		return;
	if (!near) {
		bpf_probe_read_kernel(ports, sizeof(ports), header);
		near = ports;
	}
	tuple->source_port = bpf_ntohs(near[0]);
	tuple->destination_port = bpf_ntohs(near[1]);
}

static __always_inline void *tuple_of_ipv4(struct skoop_tuple *tuple, void *header,
					   const union ip_start *start)
{
	const struct ipv4_header *ip = &start->ipv4.ip;
	__u32 length = (ip->version_and_length & 15) * 4;

	tuple->family = AF_INET;
	tuple->protocol = ip->protocol;
	put_ipv4(tuple->source, ip->source);
	put_ipv4(tuple->destination, ip->destination);
	/* only the first fragment has the transport header */
	if (ip->fragment & bpf_htons(0x1fff))
		return NULL;
	header += length;
	ports_at(tuple, header, length == sizeof(*ip) ? start->ipv4.ports : NULL);
	return header;
}

/* Past a few extension headers. */
static __always_inline void *tuple_of_ipv6(struct skoop_tuple *tuple, void *header,
					   const union ip_start *start)
{
	const struct ipv6_header *ip = &start->ipv6.ip;
	__u8 extension[4] = {};

	tuple->family = AF_INET6;
	__builtin_memcpy(tuple->source, ip->source, 16);
	__builtin_memcpy(tuple->destination, ip->destination, 16);
	tuple->protocol = ip->next_header;
	header += sizeof(*ip);
	if (has_ports(tuple->protocol)) {
		ports_at(tuple, header, start->ipv6.ports);
		return header;
	}
#pragma unroll
	for (int depth = 0; depth < 4; depth++) {
		if (tuple->protocol != IPPROTO_HOPOPTS && tuple->protocol != IPPROTO_ROUTING &&
		    tuple->protocol != IPPROTO_DSTOPTS && tuple->protocol != IPPROTO_FRAGMENT)
			break;
		if (bpf_probe_read_kernel(extension, sizeof(extension), header))
			return NULL;
		if (tuple->protocol == IPPROTO_FRAGMENT) {
			tuple->protocol = extension[0];
			/* the offset is the upper 13 bits of the third and fourth byte */
			if (extension[2] || extension[3] & 0xf8)
				return NULL;
			header += 8;
		} else {
			tuple->protocol = extension[0];
			header += (extension[1] + 1) * 8;
		}
	}
	ports_at(tuple, header, NULL);
	return header;
}

/*
 * The ends in an IP header at this address and in what follows; returns the transport header, NULL where there is none.
 * All is read at once: there is memory behind the shortest packet too.
 */
static __always_inline void *tuple_at(struct skoop_tuple *tuple, void *header)
{
	union ip_start start;

	if (bpf_probe_read_kernel(&start, sizeof(start), header))
		return NULL;
	switch (start.ipv4.ip.version_and_length >> 4) {
	case 4:
		return tuple_of_ipv4(tuple, header, &start);
	case 6:
		return tuple_of_ipv6(tuple, header, &start);
	}
	return NULL;
}

static __always_inline void *network_header_of(struct sk_buff *skb, bool typed)
{
	return READ(typed, skb, head) + READ(typed, skb, network_header);
}

/* The ends of a packet whose network header is set; returns the transport header, NULL where there is none. */
static __always_inline void *tuple_of_packet(struct skoop_tuple *tuple, struct sk_buff *skb,
					     bool typed)
{
	return tuple_at(tuple, network_header_of(skb, typed));
}

/* The ends that what is common to all sockets has, also to requests and to what waits for its end. */
static __always_inline void tuple_of_common(struct skoop_tuple *tuple, struct sock_common *common,
					    bool typed)
{
	__be32 source, destination;

	tuple->family = READ(typed, common, skc_family);
	tuple->source_port = READ(typed, common, skc_num);
	tuple->destination_port = bpf_ntohs(READ(typed, common, skc_dport));
	if (tuple->family == AF_INET6) {
		BPF_CORE_READ_INTO(&tuple->source, common, skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&tuple->destination, common, skc_v6_daddr);
		return;
	}
	source = READ(typed, common, skc_rcv_saddr);
	destination = READ(typed, common, skc_daddr);
	put_ipv4(tuple->source, source);
	put_ipv4(tuple->destination, destination);
}

/* The ends of a connection as its socket has them: the own end is the source. */
static __always_inline void tuple_of_sock(struct skoop_tuple *tuple, struct sock *sk, bool typed)
{
	tuple_of_common(tuple, &sk->__sk_common, typed);
	tuple->protocol = READ(typed, sk, sk_protocol);
	/* a socket that is being closed has given its port back, and still sends from it */
	if (!tuple->source_port && (tuple->family == AF_INET || tuple->family == AF_INET6))
		tuple->source_port =
			bpf_ntohs(BPF_CORE_READ((struct inet_sock___port *)sk, inet_sport));
}

/* The other way round. */
static __always_inline void tuple_reverse(struct skoop_tuple *tuple)
{
	__u16 port = tuple->source_port;
	__u8 address[16];

	__builtin_memcpy(address, tuple->source, 16);
	__builtin_memcpy(tuple->source, tuple->destination, 16);
	__builtin_memcpy(tuple->destination, address, 16);
	tuple->source_port = tuple->destination_port;
	tuple->destination_port = port;
}

/* An IPv4 connection of an IPv6 socket (::ffff:a.b.c.d) as what it is on the wire. */
static __always_inline void tuple_unmap(struct skoop_tuple *tuple)
{
	const __u32 *words = (const __u32 *)tuple->destination;

	if (tuple->family != AF_INET6 || words[0] || words[1] || words[2] != bpf_htonl(0xffff))
		return;
	tuple->family = AF_INET;
	__builtin_memcpy(tuple->source, tuple->source + 12, 4);
	__builtin_memcpy(tuple->destination, tuple->destination + 12, 4);
	__builtin_memset(tuple->source + 4, 0, 12);
	__builtin_memset(tuple->destination + 4, 0, 12);
}

#endif
