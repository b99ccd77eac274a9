/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * DNS queries and their answers, by UDP and by TCP, of clients and of servers on this host.
 *
 * Hooks:
 * - cgroup_skb on the root control group, since 4.10. Why these: every packet that a local socket sends or receives
 *   passes once, whatever devices and namespaces it crosses, and with its socket; forwarded ones do not pass. Packets may
 *   be read in any layout. UDP is sent in the sender's context.
 * - tracepoint skb:kfree_skb for answers that no socket waits for any more; with the reason since 5.17. Older kernels
 *   do not say why an answer was dropped, so that there every dropped one counts.
 * - an iterator over the queries (5.9), run by user space now and then, finds those that have no answer yet.
 */
#include <skoop/abi/dns.h>
#include <skoop/counters.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/packet.h>

SKOOP_LICENSE;

#define ETH_P_IP   0x0800
#define ETH_P_IPV6 0x86dd
#define UDP_HEADER 8
/* messages of one TCP segment that are read; more are rare, and not counted */
#define MESSAGES 8
#define LABELS	 64
/* bytes of a name that tell questions of the same id apart */
#define HASHED 64
/* a length, and the header of a message */
#define PREFIX 14
/* how far ahead the next message of a connection can begin */
#define REACH (65535 + PREFIX)

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

/* RFC 1035 section 4.1.1 */
struct dns_header {
	__be16 id;
	__u8 flags; /* QR, opcode (4), AA, TC, RD */
	__u8 code;  /* RA, Z (3), RCODE (4) */
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additional;
};

#define DNS_RESPONSE  0x80
#define DNS_OPCODE    0x78
#define DNS_TRUNCATED 0x02

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct task_struct___dns {
	int pid;
	int tgid;
	char comm[16];
};

struct sk_buff___dns {
	unsigned int len;
	unsigned int data_len;
};

enum skb_drop_reason___dns {
	SKB_DROP_REASON_NO_SOCKET___dns = 3,
};

struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct skoop_dns_key);
	__type(value, struct skoop_dns_query);
} queries SEC(".maps");

/* A question that a client has asked and that has no answer yet; it may ask again from another port. */
struct question {
	__u64 question; /* 0: the place is free */
	__u64 time;
	__u32 netns;
	__u16 id;
	__u16 tries;
};

/*
 * By the low bits of the question and its id. Most places are free, for most queries have an answer at once; where another
 * question still waits, a retry is not told from a query.
 */
#define QUESTIONS 8192

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, QUESTIONS);
	__type(key, __u32);
	__type(value, struct question);
} questions SEC(".maps");

/* ns after which nobody asks again */
#define QUESTION_AGE 60000000000ULL

struct stream_key {
	__u64 sk;
	__u64 egress;
};

/* Where the next message of a connection begins, for they do not keep to segments. */
struct stream {
	__u32 next; /* sequence number of the next byte that is wanted */
	__u32 held; /* bytes of the prefix that came with earlier segments */
	/* while a segment is read */
	__u32 place;
	__u32 take;
	__u8 prefix[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct stream_key);
	__type(value, struct stream);
} streams SEC(".maps");

/* Ports that servers listen on, host order; unused ones are 0. */
const volatile __u16 ports[4] = {53};
/* ns from which on a query counts as unanswered, and as slow */
const volatile __u64 unanswered_after = 5000000000;
const volatile __u64 slow_after = 1000000000;
const volatile bool names_wanted = true;

static const struct skoop_dns_query empty_query;
static const struct stream empty_stream;

/* A packet of a local socket. */
struct packet {
	struct skoop_tuple tuple; /* as it is on the wire */
	__u32 payload;		  /* where it begins */
	__u32 end;
	bool egress;
};

static __always_inline bool is_server_port(__u16 port)
{
	return port &&
	       (port == ports[0] || port == ports[1] || port == ports[2] || port == ports[3]);
}

/* A pointer as a number that may be calculated with. */
static __always_inline void *address_of_sock(struct __sk_buff *skb)
{
	struct bpf_sock *volatile sk = skb->sk;
	void *address = NULL;

	bpf_probe_read_kernel(&address, sizeof(address), (void *)&sk);
	return address;
}

static __always_inline void query_task(struct skoop_dns_query *query)
{
	struct task_struct___dns *task = (struct task_struct___dns *)bpf_get_current_task();

	/* pid and tgid, which are neighbours */
	bpf_probe_read_kernel(&query->thread, 8, &task->pid);
	if (query->pid)
		BPF_CORE_READ_INTO(&query->comm, task, comm);
}

/* All ones for what is below zero, else 0: no branch, and so no further state for the verifier. */
static __always_inline __u64 if_negative(__s64 value)
{
	return value >> 63;
}

/*
 * A place in a map that a number goes through makes the verifier forget where it came from. Otherwise it follows every
 * number that an address is made of back through all loops, which takes seconds.
 */
#define FORGET(place) (*(volatile typeof(place) *)&(place))

/* Finds the end of the name and the type behind it, and hashes both. */
static __always_inline void read_question(struct skoop_dns_query *query)
{
	__u64 hash = 0xcbf29ce484222325;
	__s64 place;

	for (int i = 0; i < LABELS; i++) {
		__u64 at = FORGET(query->name_length) & (SKOOP_DNS_NAME - 1);
		__s64 label = query->name[at];
		/* 1 to 63: the others are the root and pointers */
		__u64 step = (label + 1) & if_negative(-label) & if_negative(label - 64);

		if (!step)
			break;
		FORGET(query->name_length) = (at + step) & (SKOOP_DNS_NAME - 1);
	}
	place = FORGET(query->name_length);
	/* a name that did not come whole has no type that could be read */
	if (place + 2 < query->length) {
		query->type = query->name[(place + 1) & (SKOOP_DNS_NAME - 1)] << 8;
		query->type |= query->name[(place + 2) & (SKOOP_DNS_NAME - 1)];
	}
	if (place >= query->length)
		query->name_length = query->length ? query->length - 1 : SKOOP_DNS_NO_NAME;
	for (int i = 0; i < HASHED / 8; i++) {
		__s64 rest = place - 8 * i;
		__u64 mask = if_negative(7 - rest) |
			     (if_negative(-rest) & ((1ULL << (8 * (rest & 7))) - 1));

		hash = (hash ^ (((__u64 *)query->name)[i] & mask)) * 0x100000001b3;
		hash ^= hash >> 29;
	}
	query->question = hash ^ (__u64)place << 16 ^ query->type;
}

static __always_inline void report(void *context, struct skoop_dns_key *key,
				   struct skoop_dns_query *query, struct skoop_tuple *tuple,
				   __u64 now, __u32 kind, __u8 code)
{
	struct skoop_dns_event *event;

	if (!events_wanted)
		return;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return;
	event->event.time = now;
	event->event.netns = key->netns;
	event->event.kind = kind;
	event->event.tuple = *tuple;
	event->id = key->id;
	event->role = key->role;
	event->code = code;
	if (query) {
		event->event.pid = query->pid;
		event->event.thread = query->thread;
		__builtin_memcpy(event->event.comm, query->comm, SKOOP_COMM);
		event->latency = now - query->start;
		event->tries = query->tries;
		event->type = query->type;
		event->name_length = query->name_length;
	}
	if (query && names_wanted)
		bpf_probe_read_kernel(event->name, sizeof(event->name), query->name);
	else
		event->name_length = SKOOP_DNS_NO_NAME;
	event_submit(event);
}

static __always_inline struct question *question_at(struct skoop_dns_key *key, __u64 question)
{
	__u32 place = (question ^ key->id ^ key->netns) & (QUESTIONS - 1);

	return bpf_map_lookup_elem(&questions, &place);
}

static __always_inline bool is_question(struct question *asked, struct skoop_dns_key *key,
					__u64 question)
{
	return asked->question == question && asked->id == key->id && asked->netns == key->netns;
}

/* How often the client has asked by now. */
static __always_inline __u16 count_try(struct skoop_dns_key *key, __u64 question, __u64 now)
{
	struct question *asked = question_at(key, question);

	if (!asked)
		return 1;
	if (!is_question(asked, key, question) || now - asked->time > QUESTION_AGE) {
		if (asked->question && now - asked->time <= QUESTION_AGE)
			return 1;
		asked->question = question;
		asked->netns = key->netns;
		asked->id = key->id;
		asked->tries = 0;
	}
	asked->time = now;
	return ++asked->tries;
}

static __always_inline void ask(struct __sk_buff *skb, struct packet *packet,
				struct skoop_dns_key *key, __u32 place, __u32 length)
{
	struct skoop_dns_query *query = bpf_map_lookup_elem(&queries, key);
	__u64 start = 0, asked = 0, now = bpf_ktime_get_ns();
	__u32 reported = 0;

	if (query) {
		start = query->start;
		asked = query->question;
		reported = query->reported;
	}
	counter_add(key->netns, SKOOP_DNS_QUERIES + 2 * key->role + (key->protocol == IPPROTO_TCP));
	bpf_map_update_elem(&queries, key, &empty_query, BPF_ANY);
	query = bpf_map_lookup_elem(&queries, key);
	if (!query)
		return;
	query->tuple = packet->tuple;
	if (packet->egress)
		query_task(query);
	query->length = length < SKOOP_DNS_NAME ? length : SKOOP_DNS_NAME;
	if (length)
		bpf_skb_load_bytes(skb, place, query->name,
				   ((FORGET(query->length) - 1) & (SKOOP_DNS_NAME - 1)) + 1);
	read_question(query);
	query->tries = key->role == SKOOP_DNS_CLIENT ? count_try(key, query->question, now) : 1;
	if (query->tries > 1)
		counter_add(key->netns, SKOOP_DNS_RETRIED);
	/* asked again by the same socket: the client has waited since the first time */
	if (start && asked == query->question) {
		query->reported = reported;
		query->start = start;
	} else {
		query->start = now;
	}
}

static __always_inline void forget(struct skoop_dns_key *key, struct skoop_dns_query *query)
{
	struct question *asked = question_at(key, query->question);

	if (asked && key->role == SKOOP_DNS_CLIENT && is_question(asked, key, query->question))
		asked->question = 0;
	bpf_map_delete_elem(&queries, key);
}

static __always_inline void answer(struct __sk_buff *skb, struct packet *packet,
				   struct skoop_dns_key *key, __u8 flags, __u8 code)
{
	struct skoop_dns_query *query = bpf_map_lookup_elem(&queries, key);
	__u64 now, latency;
	bool failed;

	counter_add(key->netns, SKOOP_DNS_RESPONSES + SKOOP_DNS_CODES * key->role + code);
	if (flags & DNS_TRUNCATED)
		counter_add(key->netns, SKOOP_DNS_TRUNCATED + key->role);
	if (!query || !query->start)
		return;
	now = bpf_ktime_get_ns();
	latency = now - query->start;
	histogram_add(key->netns, 2 * key->role + (key->protocol == IPPROTO_TCP), latency);
	if (latency >= unanswered_after && !query->reported)
		counter_add(key->netns, SKOOP_DNS_UNANSWERED + key->role);
	/* no such name is an answer like any other */
	failed = code != 0 && code != 3;
	if (failed || latency >= slow_after) {
		/* the server's process is known only now */
		if (packet->egress)
			query_task(query);
		report(skb, key, query, &query->tuple, now,
		       failed ? SKOOP_DNS_ERROR : SKOOP_DNS_SLOW, code);
	}
	forget(key, query);
}

/* Network and transport header. False for what is not of interest. */
static __always_inline bool read_headers(struct __sk_buff *skb, struct packet *packet,
					 __u32 *transport)
{
	struct skoop_tuple *tuple = &packet->tuple;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct ipv4_header ip;

		if (bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)))
			return false;
		tuple->family = AF_INET;
		tuple->protocol = ip.protocol;
		__builtin_memcpy(tuple->source, ip.source, 4);
		__builtin_memcpy(tuple->destination, ip.destination, 4);
		*transport = (ip.version_and_length & 15) * 4;
	} else {
		struct ipv6_header ip;
		__u8 extension[2];

		if (skb->protocol != bpf_htons(ETH_P_IPV6) ||
		    bpf_skb_load_bytes(skb, 0, &ip, sizeof(ip)))
			return false;
		tuple->family = AF_INET6;
		tuple->protocol = ip.next_header;
		__builtin_memcpy(tuple->source, ip.source, 16);
		__builtin_memcpy(tuple->destination, ip.destination, 16);
		*transport = sizeof(ip);
		/* one extension header; a packet that came in fragments has none of them left */
		if (tuple->protocol == IPPROTO_HOPOPTS || tuple->protocol == IPPROTO_DSTOPTS ||
		    tuple->protocol == IPPROTO_FRAGMENT) {
			if (bpf_skb_load_bytes(skb, *transport, extension, sizeof(extension)))
				return false;
			*transport +=
				tuple->protocol == IPPROTO_FRAGMENT ? 8 : (extension[1] + 1) * 8;
			tuple->protocol = extension[0];
		}
	}
	return tuple->protocol == IPPROTO_UDP || tuple->protocol == IPPROTO_TCP;
}

/* What message() is told of a message's header. */
static __always_inline __u32 summary_of(const struct dns_header *header)
{
	return header->id | header->flags << 16 | header->code << 24;
}

/*
 * A message whose question begins at a place of the packet; 0 where it is none of DNS. Not static, so that the verifier
 * looks at it once and not at every call, which is why it must find out about the packet by itself.
 */
__noinline int message(struct __sk_buff *skb, __u32 summary, __u32 place, __u32 length, bool egress)
{
	struct packet packet = {.egress = egress};
	__u8 flags = summary >> 16, code = summary >> 24 & 15;
	struct skoop_dns_key key = {};
	__u32 transport;
	__be16 both[2];

	/* updates and notifications are no queries */
	if (flags & DNS_OPCODE || !read_headers(skb, &packet, &transport) ||
	    bpf_skb_load_bytes(skb, transport, both, sizeof(both)))
		return 0;
	packet.tuple.source_port = bpf_ntohs(both[0]);
	packet.tuple.destination_port = bpf_ntohs(both[1]);
	key.netns = netns_of_sock(address_of_sock(skb));
	key.id = bpf_ntohs(summary & 0xffff);
	key.port = skb->local_port;
	key.protocol = packet.tuple.protocol;
	key.role = !egress == !(flags & DNS_RESPONSE) ? SKOOP_DNS_SERVER : SKOOP_DNS_CLIENT;
	if (key.role == SKOOP_DNS_CLIENT) {
		if (!is_server_port(egress ? packet.tuple.destination_port
					   : packet.tuple.source_port))
			return 0;
	} else {
		if (!is_server_port(key.port))
			return 0;
		key.peer_port = egress ? packet.tuple.destination_port : packet.tuple.source_port;
		__builtin_memcpy(key.peer, egress ? packet.tuple.destination : packet.tuple.source,
				 sizeof(key.peer));
	}
	if (flags & DNS_RESPONSE)
		answer(skb, &packet, &key, flags, code);
	else
		ask(skb, &packet, &key, place, length);
	return 1;
}

static __noinline int segment(struct __sk_buff *skb, struct packet *packet, __u32 sequence)
{
	struct stream_key key = {};
	struct stream *stream;
	__u32 end;
	int ahead;

	if (!packet)
		return 0;
	key.sk = (__u64)address_of_sock(skb);
	key.egress = packet->egress;
	end = packet->end;
	stream = bpf_map_lookup_elem(&streams, &key);
	if (!stream) {
		bpf_map_update_elem(&streams, &key, &empty_stream, BPF_ANY);
		stream = bpf_map_lookup_elem(&streams, &key);
		if (!stream)
			return 0;
		stream->next = sequence;
	}
	ahead = stream->next - sequence;
	/* another connection's, or a segment is missing: messages mostly begin with a segment */
	if (ahead < 0 || ahead > REACH) {
		ahead = 0;
		stream->held = 0;
	}
	stream->place = packet->payload + ahead;
	for (int i = 0; i < MESSAGES; i++) {
		struct dns_header header;
		__u32 place = FORGET(stream->place), held = FORGET(stream->held) & 15;
		__u32 take = PREFIX - held, length, rest;

		if (place >= end || !take)
			break;
		if (take > end - place)
			take = end - place;
		stream->take = take;
		take = FORGET(stream->take);
		/* 1 to 14, and the verifier sees that it is no more than 16 */
		take = ((take - 1) & 15) + 1;
		if (bpf_skb_load_bytes(skb, place, stream->prefix + held, take))
			break;
		place += take;
		held += take;
		stream->held = held;
		stream->place = place;
		if (held < PREFIX)
			break;
		stream->held = 0;
		stream->place = end;
		length = stream->prefix[0] << 8 | stream->prefix[1];
		if (length < sizeof(header))
			break;
		__builtin_memcpy(&header, stream->prefix + 2, sizeof(header));
		length -= sizeof(header);
		rest = end - place;
		if (!message(skb, summary_of(&header), place, length < rest ? length : rest,
			     packet->egress))
			break;
		stream->place = place + length;
	}
	stream->next = sequence + (FORGET(stream->place) - packet->payload);
	return 0;
}

static __always_inline void watch(struct __sk_buff *skb, bool egress)
{
	__u16 own = skb->local_port, peer = bpf_ntohl(skb->remote_port);
	struct packet packet = {.egress = egress};
	struct dns_header header;
	__be16 both[2];
	__u32 transport;

	/* a UDP socket that is not connected has no peer */
	if (peer && !is_server_port(own) && !is_server_port(peer))
		return;
	if (!read_headers(skb, &packet, &transport))
		return;
	if (bpf_skb_load_bytes(skb, transport, both, sizeof(both)))
		return;
	packet.tuple.source_port = bpf_ntohs(both[0]);
	packet.tuple.destination_port = bpf_ntohs(both[1]);
	if (!is_server_port(packet.tuple.source_port) &&
	    !is_server_port(packet.tuple.destination_port) && !is_server_port(own))
		return;
	packet.end = skb->len;
	if (packet.tuple.protocol == IPPROTO_UDP) {
		packet.payload = transport + UDP_HEADER;
		if (bpf_skb_load_bytes(skb, packet.payload, &header, sizeof(header)))
			return;
		message(skb, summary_of(&header), packet.payload + sizeof(header),
			packet.end - packet.payload - sizeof(header), egress);
	} else {
		struct tcp_header tcp;

		if (bpf_skb_load_bytes(skb, transport, &tcp, sizeof(tcp)))
			return;
		packet.payload = transport + (tcp.length >> 4) * 4;
		if (packet.payload >= packet.end)
			return;
		segment(skb, &packet, bpf_ntohl(tcp.sequence));
	}
}

/* Both let every packet pass. */
SEC("cgroup_skb/egress")
int on_sent(struct __sk_buff *skb)
{
	watch(skb, true);
	return 1;
}

SEC("cgroup_skb/ingress")
int on_received(struct __sk_buff *skb)
{
	watch(skb, false);
	return 1;
}

static __always_inline int dropped(void *context, struct sk_buff *skb, bool for_certain)
{
	struct sk_buff___dns *size = (struct sk_buff___dns *)skb;
	struct skoop_tuple tuple = {};
	struct skoop_dns_query *query;
	struct skoop_dns_key key = {};
	struct dns_header header = {};
	void *place, *end;

	place = tuple_of_packet(&tuple, skb);
	if (!place || tuple.protocol != IPPROTO_UDP || !is_server_port(tuple.source_port))
		return 0;
	place += UDP_HEADER;
	end = (void *)BPF_CORE_READ(skb, data) + BPF_CORE_READ(size, len) -
	      BPF_CORE_READ(size, data_len);
	if (place + sizeof(header) > end || bpf_probe_read_kernel(&header, sizeof(header), place) ||
	    !(header.flags & DNS_RESPONSE))
		return 0;
	key.netns = netns_of_packet(skb);
	key.port = tuple.destination_port;
	key.id = bpf_ntohs(header.id);
	key.protocol = IPPROTO_UDP;
	key.role = SKOOP_DNS_CLIENT;
	query = bpf_map_lookup_elem(&queries, &key);
	if (query && !query->start)
		query = NULL;
	if (!query && !for_certain)
		return 0;
	tuple_reverse(&tuple);
	counter_add(key.netns, SKOOP_DNS_LATE);
	report(context, &key, query, &tuple, bpf_ktime_get_ns(), SKOOP_DNS_LATE_ANSWER,
	       header.code & 15);
	if (query)
		forget(&key, query);
	return 0;
}

SEC("tp_btf/kfree_skb")
int on_dropped(__u64 *arguments)
{
	/* the reason is an argument only where there are reasons */
	if (bpf_core_enum_value_exists(enum skb_drop_reason___dns,
				       SKB_DROP_REASON_NO_SOCKET___dns)) {
		__u32 reason = arguments[2];

		if (reason != bpf_core_enum_value(enum skb_drop_reason___dns,
						  SKB_DROP_REASON_NO_SOCKET___dns))
			return 0;
		return dropped(arguments, (struct sk_buff *)arguments[0], true);
	}
	return dropped(arguments, (struct sk_buff *)arguments[0], false);
}

/* Reports a query that has waited for too long, once. */
SEC("iter/bpf_map_elem")
int report_unanswered(struct bpf_iter__bpf_map_elem *context)
{
	struct skoop_dns_query *query = context->value;
	struct skoop_dns_key *entry = context->key, key;
	__u64 now = bpf_ktime_get_ns();

	if (!entry || !query)
		return 0;
	if (query->reported || !query->start || now < query->start + unanswered_after)
		return 0;
	query->reported = 1;
	key = *entry;
	counter_add(key.netns, SKOOP_DNS_UNANSWERED + key.role);
	report(context, &key, query, &query->tuple, now, SKOOP_DNS_NO_ANSWER, 0);
	return 0;
}
