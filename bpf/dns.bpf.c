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
#include <skoop/dns_message.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/packet.h>
#include <skoop/places.h>
#include <skoop/socket_packet.h>

SKOOP_LICENSE;

#define UDP_HEADER 8
/* messages of one TCP segment that are read; more are rare, and not counted */
#define MESSAGES 8
/* a length, and the header of a message */
#define PREFIX 14
/* how far ahead the next message of a connection can begin */
#define REACH (65535 + PREFIX)

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

/* By a hash of the key, so long that no two are the same. */
SKOOP_PLACES(queries, struct skoop_dns_query, 11)

struct query_name {
	__u64 hash;
	__u64 start;
};

/* Queries that were counted as unanswered. The iterator and a late answer may both be about to do it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct query_name);
	__type(value, __u8);
} unanswered SEC(".maps");

static __always_inline __u64 mixed(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9fb21c651e98df25ULL;
	return hash ^ hash >> 32;
}

/* With the client's address where the own socket is the server. */
static __always_inline __u64 hash_of(const struct skoop_dns_key *key, const __u64 *client)
{
	__u64 hash = mixed(1, (__u64)key->netns << 32 | key->port << 16 | key->id);

	hash = mixed(hash, key->peer_port << 16 | key->protocol << 8 | key->role);
	if (client)
		hash = mixed(mixed(hash, client[0]), client[1]);
	return hash ?: 1;
}

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

static const struct stream empty_stream;

/* A packet of a local socket. */
struct packet {
	__u32 payload; /* where it begins */
	__u32 end;
	bool egress;
};

static __always_inline bool is_server_port(__u16 port)
{
	return port &&
	       (port == ports[0] || port == ports[1] || port == ports[2] || port == ports[3]);
}

static __always_inline void task_of(struct skoop_dns_query *query, struct task_struct___dns *task,
				    bool typed)
{
	query->thread = READ(typed, task, pid);
	query->pid = READ(typed, task, tgid);
	if (!query->pid)
		return;
	if (typed) {
		const __u64 *comm =
			(void *)task + bpf_core_field_offset(struct task_struct___dns, comm);

		((__u64 *)query->comm)[0] = comm[0];
		((__u64 *)query->comm)[1] = comm[1];
	} else {
		BPF_CORE_READ_INTO(&query->comm, task, comm);
	}
}

static __always_inline void query_task(struct skoop_dns_query *query)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		task_of(query, (void *)bpf_get_current_task_btf(), true);
	else
		task_of(query, (void *)bpf_get_current_task(), false);
}

static __always_inline void fill(struct skoop_dns_event *event, struct skoop_dns_key *key,
				 struct skoop_dns_query *query, struct skoop_tuple *tuple,
				 __u64 now, __u32 kind, __u8 code)
{
	event->event.time = now;
	event->event.netns = key->netns;
	event->event.kind = kind;
	event->event.tuple = *tuple;
	event->id = key->id;
	event->role = key->role;
	event->code = code;
	event->name_length = SKOOP_DNS_NO_NAME;
	if (!query)
		return;
	event->event.pid = query->pid;
	event->event.thread = query->thread;
	__builtin_memcpy(event->event.comm, query->comm, SKOOP_COMM);
	event->latency = now - query->start;
	event->tries = query->tries;
	event->type = query->type;
	if (names_wanted)
		event->name_length = query->name_length;
}

/* An event with so many bytes of the name. */
static __always_inline void report_sized(void *context, struct skoop_dns_key *key,
					 struct skoop_dns_query *query, struct skoop_tuple *tuple,
					 __u64 now, __u32 kind, __u8 code, __u32 size)
{
	struct skoop_dns_event *event = event_reserve(context, sizeof(*event) + size);

	if (!event)
		return;
	fill(event, key, query, tuple, now, kind, code);
	if (query && names_wanted)
		bpf_probe_read_kernel(event + 1, size, query->name);
	event_submit(event);
}

/* Most names are short, and so are most records. */
static __always_inline void report(void *context, struct skoop_dns_key *key,
				   struct skoop_dns_query *query, struct skoop_tuple *tuple,
				   __u64 now, __u32 kind, __u8 code)
{
	if (!events_wanted)
		return;
	if (query && names_wanted && query->name_length >= SKOOP_DNS_SHORT_NAME &&
	    query->name_length != SKOOP_DNS_NO_NAME)
		report_sized(context, key, query, tuple, now, kind, code, SKOOP_DNS_NAME);
	else
		report_sized(context, key, query, tuple, now, kind, code, SKOOP_DNS_SHORT_NAME);
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

static __always_inline void ask(struct __sk_buff *skb, struct skoop_tuple *tuple,
				struct skoop_dns_key *key, __u64 hash, __u32 place, __u32 length,
				bool egress)
{
	__u64 start = 0, asked = 0, now = bpf_ktime_get_ns();
	struct skoop_dns_query *query = queries_find(hash);
	__u32 reported = 0, way = 2 * key->role + (key->protocol == IPPROTO_TCP);

	if (query) {
		start = query->start;
		asked = query->question;
		reported = query->reported;
	}
	query = queries_take(hash, now);
	if (!query)
		goto count;
	query->key = *key;
	query->tuple = *tuple;
	query->reported = 0;
	query->type = 0;
	query->name_length = 0;
	query->pid = 0;
	query->thread = 0;
	__builtin_memset(query->comm, 0, sizeof(query->comm));
	if (egress)
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
	}
count:
	counter_add(key->netns, SKOOP_DNS_QUERIES + way);
}

static __always_inline void forget(struct skoop_dns_key *key, struct skoop_dns_query *query)
{
	struct question *asked = question_at(key, query->question);

	if (asked && key->role == SKOOP_DNS_CLIENT && is_question(asked, key, query->question))
		asked->question = 0;
	queries_free(query->hash);
}

/* Whether the query is to be counted as unanswered by the caller, who is the first to find it so. */
static __always_inline bool claim_unanswered(struct skoop_dns_query *query)
{
	struct query_name name = {.hash = query->hash, .start = query->start};
	__u8 one = 1;

	return !query->reported && bpf_map_update_elem(&unanswered, &name, &one, BPF_NOEXIST) == 0;
}

static __always_inline void answer(struct __sk_buff *skb, struct skoop_dns_key *key, __u64 hash,
				   __u8 flags, __u8 code, bool egress)
{
	struct skoop_dns_query *query = queries_find(hash);
	__u64 now, latency;
	bool failed;

	if (flags & DNS_TRUNCATED)
		counter_add(key->netns, SKOOP_DNS_TRUNCATED + key->role);
	if (!query) {
		counter_add(key->netns, SKOOP_DNS_RESPONSES + SKOOP_DNS_CODES * key->role + code);
		return;
	}
	now = bpf_ktime_get_ns();
	latency = now - query->start;
	histogram_add(key->netns,
		      2 * key->role + (key->protocol == IPPROTO_TCP) + SKOOP_DNS_WAYS * code,
		      latency);
	if (latency >= unanswered_after && claim_unanswered(query))
		counter_add(key->netns, SKOOP_DNS_UNANSWERED + key->role);
	/* no such name is an answer like any other */
	failed = code != 0 && code != 3;
	if (failed || latency >= slow_after) {
		/* the server's process is known only now */
		if (egress)
			query_task(query);
		report(skb, key, query, &query->tuple, now,
		       failed ? SKOOP_DNS_ERROR : SKOOP_DNS_SLOW, code);
	}
	forget(key, query);
}

/*
 * A message whose question begins at a place of the packet; 0 where it is none of DNS. Not static, so that the verifier
 * looks at it once and not at every call, which is why it must find out about the packet by itself.
 */
__noinline int message(struct __sk_buff *skb, __u32 summary, __u32 place, __u32 length, bool egress)
{
	__u8 flags = summary >> 16, code = summary >> 24 & 15;
	struct skoop_tuple tuple = {}; /* as it is on the wire */
	struct skoop_dns_key key = {};
	const __u64 *client = NULL;
	__u32 transport;
	__u16 peer_port;
	__u64 hash;

	/* updates and notifications are no queries */
	if (flags & DNS_OPCODE)
		return 0;
	transport = transport_of(skb, &tuple.protocol);
	if (!transport || !ports_of(skb, transport, &tuple))
		return 0;
	peer_port = egress ? tuple.destination_port : tuple.source_port;
	key.id = bpf_ntohs(summary & 0xffff);
	key.port = skb->local_port;
	key.protocol = tuple.protocol;
	key.role = !egress == !(flags & DNS_RESPONSE) ? SKOOP_DNS_SERVER : SKOOP_DNS_CLIENT;
	if (!is_server_port(key.role == SKOOP_DNS_CLIENT ? peer_port : key.port))
		return 0;
	/* what a client gets needs no addresses */
	if (key.role == SKOOP_DNS_SERVER || !(flags & DNS_RESPONSE))
		addresses_of(skb, &tuple);
	if (key.role == SKOOP_DNS_SERVER) {
		key.peer_port = peer_port;
		client = (const __u64 *)(egress ? tuple.destination : tuple.source);
	}
	key.netns = netns_of_own(skb);
	hash = hash_of(&key, client);
	if (flags & DNS_RESPONSE)
		answer(skb, &key, hash, flags, code, egress);
	else
		ask(skb, &tuple, &key, hash, place, length, egress);
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
	key.sk = number_of_typed(skb->sk);
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
	struct skoop_tuple tuple = {};
	struct dns_header header, *near;
	__u32 transport;

	/* a UDP socket that is not connected has no peer */
	if (peer && !is_server_port(own) && !is_server_port(peer))
		return;
	transport = transport_of(skb, &tuple.protocol);
	if (!transport || !ports_of(skb, transport, &tuple))
		return;
	if (!is_server_port(tuple.source_port) && !is_server_port(tuple.destination_port) &&
	    !is_server_port(own))
		return;
	packet.end = skb->len;
	if (tuple.protocol == IPPROTO_UDP) {
		packet.payload = transport + UDP_HEADER;
		near = headers_of(skb, packet.payload, sizeof(header));
		if (near)
			header = *near;
		else if (bpf_skb_load_bytes(skb, packet.payload, &header, sizeof(header)))
			return;
		message(skb, summary_of(&header), packet.payload + sizeof(header),
			packet.end - packet.payload - sizeof(header), egress);
	} else {
		struct tcp_header *tcp = headers_of(skb, transport, sizeof(*tcp));

		if (!tcp)
			return;
		packet.payload = transport + (tcp->length >> 4) * 4;
		if (packet.payload >= packet.end)
			return;
		segment(skb, &packet, bpf_ntohl(tcp->sequence));
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

	place = tuple_of_packet(&tuple, skb, true);
	if (!place || tuple.protocol != IPPROTO_UDP || !is_server_port(tuple.source_port))
		return 0;
	place += UDP_HEADER;
	end = (void *)skb->data + size->len - size->data_len;
	if (place + sizeof(header) > end || bpf_probe_read_kernel(&header, sizeof(header), place) ||
	    !(header.flags & DNS_RESPONSE))
		return 0;
	key.netns = netns_of_packet(skb, true);
	key.port = tuple.destination_port;
	key.id = bpf_ntohs(header.id);
	key.protocol = IPPROTO_UDP;
	key.role = SKOOP_DNS_CLIENT;
	query = queries_find(hash_of(&key, NULL));
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

static __always_inline void look_at(void *context, struct skoop_dns_query *query, __u64 now)
{
	struct skoop_dns_key key;

	if (now < query->start + unanswered_after || !claim_unanswered(query))
		return;
	query->reported = 1;
	key = query->key;
	counter_add(key.netns, SKOOP_DNS_UNANSWERED + key.role);
	report(context, &key, query, &query->tuple, now, SKOOP_DNS_NO_ANSWER, 0);
}

/* Reports queries that have waited for too long, once. */
SEC("iter/bpf_map_elem")
int report_unanswered(struct bpf_iter__bpf_map_elem *context)
{
	struct queries_bucket *bucket = context->value;
	__u64 now = bpf_ktime_get_ns();

	if (!bucket)
		return 0;
	for (int number = 0; number < PLACES; number++)
		if (bucket->bucket.keys[number])
			look_at(context, &bucket->places[number], now);
	return 0;
}
