/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long data waits in sockets: what has arrived until it is read (TCP and UDP), and what was written until it is
 * sent (TCP).
 *
 * Hooks, read: tracepoints sock:sk_data_ready and sock:sock_recv_length, since 6.3 and 6.4; before, sock_def_readable()
 * by fentry or kprobe, tracepoint tcp:tcp_rcv_space_adjust, which TCP alone passes, and skb_consume_udp() by fentry or
 * kprobe, which UDP alone passes (4.10). Write: tracepoint tcp:tcp_sendmsg_locked, since 6.16; before, the function of
 * that name by fentry or kprobe; and tracepoint net:net_dev_queue, where the packet leaves the stack. Why these: they are
 * passed once per call or packet, with the socket at hand.
 */
#include <skoop/abi/socketlatency.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/kprobe.h>
#include <skoop/packet.h>

SKOOP_LICENSE;

/* Above these, in nanoseconds, an event is reported: read, write. */
const volatile __u64 slow[2] = {100000000, 100000000};

#define MSG_PEEK 2

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct sk_buff_head {
	__u32 qlen;
};

struct sock___queue {
	struct sk_buff_head sk_receive_queue;
};

/* Where readers put a whole queue, so that they do not lock it for each datagram. */
struct udp_sock {
	struct sk_buff_head reader_queue;
};

#pragma clang attribute pop

/* Data that waits in a socket; 0: none does. */
struct waiting {
	__u64 arrived;
	__u64 written;
	__u32 end;	/* the sequence number after what arrived then; TCP */
	__u32 sequence; /* of the first byte written */
	__u32 pid;
	__u32 thread;
	char comm[SKOOP_COMM];
};

/* By address of the socket. A socket that comes to another's address is no danger: see ready() and written(). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct waiting);
} waits SEC(".maps");

static const struct waiting nothing;

static __always_inline bool is_watched(struct sock *sk, bool typed)
{
	__u16 family = READ(typed, sk, __sk_common.skc_family);
	__u16 protocol = READ(typed, sk, sk_protocol);

	return (family == AF_INET || family == AF_INET6) &&
	       (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP);
}

static __always_inline struct waiting *waiting_in(struct sock *sk)
{
	__u64 key = (__u64)sk;
	struct waiting *waiting = bpf_map_lookup_elem(&waits, &key);

	if (waiting)
		return waiting;
	bpf_map_update_elem(&waits, &key, &nothing, BPF_NOEXIST);
	return bpf_map_lookup_elem(&waits, &key);
}

static __always_inline void report(void *context, struct sock *sk, enum skoop_socket_wait kind,
				   __u64 since, struct waiting *writer, bool typed)
{
	struct skoop_socketlatency_event *event;
	__u64 now = bpf_ktime_get_ns();
	__u32 netns = netns_of_sock(sk, typed);
	bool udp = READ(typed, sk, sk_protocol) == IPPROTO_UDP;

	histogram_add(netns, kind * 2 + udp, now - since);
	if (now - since <= slow[kind] || !events_wanted)
		return;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return;
	event->event.time = now;
	event->event.netns = netns;
	event->event.kind = kind;
	tuple_of_sock(&event->event.tuple, sk, typed);
	tuple_unmap(&event->event.tuple);
	event->latency = now - since;
	if (writer) {
		event->event.pid = writer->pid;
		event->event.thread = writer->thread;
		__builtin_memcpy(event->event.comm, writer->comm, SKOOP_COMM);
	} else {
		event_task(&event->event);
	}
	event_submit(event);
}

static __always_inline __u32 datagrams(struct sock *sk, bool typed)
{
	struct sock___queue *socket = (void *)sk;
	struct udp_sock *udp = (void *)sk;

	return READ(typed, socket, sk_receive_queue.qlen) + BPF_CORE_READ(udp, reader_queue.qlen);
}

/* NULL for a socket of UDP. */
static __always_inline struct tcp_sock *stream_of(struct sock *sk, bool typed)
{
	return READ(typed, sk, sk_protocol) == IPPROTO_TCP ? tcp_of_sock(sk, typed) : NULL;
}

/*
 * Whether what was noted as the oldest unread still is. Where not, it was read in a way that passes no hook, or it was in
 * another socket, which had the same address.
 */
static __always_inline bool is_unread(const struct waiting *waiting, struct sock *sk,
				      struct tcp_sock *tcp, bool typed)
{
	__u32 read;

	if (!tcp)
		return datagrams(sk, typed) > 1;
	/* segments grow together in the queue: only sequence numbers tell */
	read = READ(typed, tcp, copied_seq);
	return waiting->end != read && waiting->end - read <= READ(typed, tcp, rcv_nxt) - read;
}

static __always_inline int ready(struct sock *sk, bool typed)
{
	struct waiting *waiting;
	struct tcp_sock *tcp;

	if (!is_watched(sk, typed) || READ(typed, sk, __sk_common.skc_state) == TCP_LISTEN)
		return 0;
	waiting = waiting_in(sk);
	if (!waiting)
		return 0;
	tcp = stream_of(sk, typed);
	if (waiting->arrived && is_unread(waiting, sk, tcp, typed))
		return 0;
	waiting->arrived = bpf_ktime_get_ns();
	if (tcp)
		waiting->end = READ(typed, tcp, rcv_nxt);
	return 0;
}

static __always_inline int was_read(void *context, struct sock *sk, bool typed)
{
	__u64 key = (__u64)sk;
	struct waiting *waiting = bpf_map_lookup_elem(&waits, &key);
	struct tcp_sock *tcp;
	bool more;
	__u64 since;

	if (!waiting || !waiting->arrived || !is_watched(sk, typed))
		return 0;
	since = waiting->arrived;
	/* what is left waits on; since when is not known, but at least from now on */
	tcp = stream_of(sk, typed);
	if (tcp) {
		waiting->end = READ(typed, tcp, rcv_nxt);
		more = waiting->end != READ(typed, tcp, copied_seq);
	} else {
		more = datagrams(sk, typed);
	}
	waiting->arrived = more ? bpf_ktime_get_ns() : 0;
	report(context, sk, SKOOP_SOCKET_READ, since, NULL, typed);
	return 0;
}

static __always_inline int written(struct sock *sk, bool typed)
{
	struct tcp_sock *tcp = tcp_of_sock(sk, typed);
	__u64 id = bpf_get_current_pid_tgid();
	struct waiting *waiting;
	__u32 next;

	if (!tcp || !is_watched(sk, typed))
		return 0;
	next = READ(typed, tcp, write_seq);
	waiting = waiting_in(sk);
	/* what was written before and not sent has waited longer; a sequence number ahead was another socket's */
	if (!waiting || (waiting->written && (__s32)(next - waiting->sequence) >= 0 &&
			 (__s32)(waiting->sequence - READ(typed, tcp, snd_una)) >= 0))
		return 0;
	waiting->sequence = next;
	waiting->pid = id >> 32;
	waiting->thread = id;
	bpf_get_current_comm(waiting->comm, sizeof(waiting->comm));
	waiting->written = bpf_ktime_get_ns();
	return 0;
}

static __always_inline int sent(void *context, struct sk_buff *skb, bool typed)
{
	struct sock *sk = READ(typed, skb, sk);
	__u64 key = (__u64)sk, since;
	struct waiting *waiting;
	void *header, *data;
	__be32 sequence = 0;
	__u8 offset = 0;
	__u32 length;
	__s32 ahead;

	if (!sk)
		return 0;
	waiting = bpf_map_lookup_elem(&waits, &key);
	if (!waiting || !waiting->written)
		return 0;
	header = READ(typed, skb, head) + READ(typed, skb, transport_header);
	bpf_probe_read_kernel(&sequence, sizeof(sequence), header + 4);
	bpf_probe_read_kernel(&offset, sizeof(offset), header + 12);
	data = header + (offset >> 4) * 4;
	length = READ(typed, skb, len) - (data - (void *)READ(typed, skb, data));
	ahead = bpf_ntohl(sequence) - waiting->sequence;
	/* nothing, or only what was written before */
	if (!length || (__s32)(ahead + length) <= 0)
		return 0;
	since = waiting->written;
	waiting->written = 0;
	/* what was written first is in this packet, or it was another socket's, which was reset before it was sent */
	if (ahead > 0)
		return 0;
	report(context, sk, SKOOP_SOCKET_WRITE, since, waiting, typed);
	return 0;
}

SEC("tp_btf/sk_data_ready")
int BPF_PROG(on_ready, struct sock *sk)
{
	return ready(sk, true);
}

SEC("fentry")
int BPF_PROG(on_ready_fentry, struct sock *sk)
{
	return ready(sk, true);
}

SEC("kprobe")
int BPF_KPROBE(on_ready_kprobe, struct sock *sk)
{
	return ready(sk, false);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(on_receive, struct sock *sk, int result, int flags)
{
	return result > 0 && !(flags & MSG_PEEK) ? was_read(ctx, sk, true) : 0;
}

SEC("tp_btf/tcp_rcv_space_adjust")
int BPF_PROG(on_space_adjust, struct sock *sk)
{
	return was_read(ctx, sk, true);
}

SEC("fentry")
int BPF_PROG(on_consume_fentry, struct sock *sk, struct sk_buff *skb, int length)
{
	return length > 0 ? was_read(ctx, sk, true) : 0; /* less than 0 when the datagram stays */
}

SEC("kprobe")
int BPF_KPROBE(on_consume_kprobe, struct sock *sk, struct sk_buff *skb, int length)
{
	return length > 0 ? was_read(ctx, sk, false) : 0;
}

SEC("tp_btf/tcp_sendmsg_locked")
int BPF_PROG(on_write, struct sock *sk)
{
	return written(sk, true);
}

SEC("fentry")
int BPF_PROG(on_write_fentry, struct sock *sk)
{
	return written(sk, true);
}

SEC("kprobe")
int BPF_KPROBE(on_write_kprobe, struct sock *sk)
{
	return written(sk, false);
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(on_queue, struct sk_buff *skb)
{
	return sent(ctx, skb, true);
}
