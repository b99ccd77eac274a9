/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP connections that this host opens: how long it takes, and what never gets there.
 *
 * Hooks:
 * - tracepoint sock:inet_sock_set_state, since 4.16. Why this one: the attempt and every outcome after the first SYN is
 *   a change of state, whoever opened the socket and however; the socket has the error by then.
 * - entry and return of connect(), for attempts that fail before the first SYN (no route, no port), which is no change
 *   of state or none that says why: inet_stream_connect by fentry, or else the tracepoints of the system call, which
 *   do not see io_uring and 32-bit programs.
 * - an iterator over the attempts (5.9), run by user space now and then, finds those that have no answer yet.
 *
 * Everything but the iterator runs with the socket's lock held.
 */
#include <skoop/abi/connect.h>
#include <skoop/counters.h>
#include <skoop/events.h>
#include <skoop/histogram.h>
#include <skoop/packet.h>
#include <skoop/places.h>

SKOOP_LICENSE;

#define EPERM	      1
#define EINTR	      4
#define EBADF	      9
#define EACCES	      13
#define EFAULT	      14
#define ENOTSOCK      88
#define EADDRNOTAVAIL 99
#define ENETDOWN      100
#define ENETUNREACH   101
#define EISCONN	      106
#define ETIMEDOUT     110
#define ECONNREFUSED  111
#define EHOSTDOWN     112
#define EHOSTUNREACH  113
#define EALREADY      114
#define EINPROGRESS   115
/* include/linux/errno.h; what a system call that a signal interrupts returns within the kernel */
#define ERESTARTSYS	      512
#define ERESTART_RESTARTBLOCK 516

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct tcp_sock___connect {
	__u32 segs_out;
	__u32 total_retrans;
};

/* include/uapi/linux/net.h */
typedef enum {
	SS_FREE,
	SS_UNCONNECTED,
} socket_state;

struct socket___connect {
	socket_state state;
	struct file *file;
	struct sock *sk;
};

struct bpf_map;

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

#pragma clang attribute pop

/* include/uapi/linux/in.h, in6.h */
struct socket_address {
	__u16 family;
	__be16 port;
	union {
		__u8 ipv4[4];
		struct {
			__be32 flow;
			__u8 ipv6[16];
		};
	};
};

/* The argument of tracepoints of system calls, whose layout is fixed. */
struct call_entry {
	__u64 common;
	__u64 number;
	__u64 arguments[6];
};

struct call_return {
	__u64 common;
	__u64 number;
	__s64 result;
};

/* By address of the socket. */
SKOOP_PLACES(attempts, struct skoop_connect_attempt, 11)

struct attempt_name {
	__u64 sk;
	__u64 start;
};

/* Attempts that were counted as unanswered. The iterator and the attempt's end may both be about to do it. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct attempt_name);
	__type(value, __u8);
} unanswered SEC(".maps");

/* A call of connect() for a socket that is neither connected nor about to be. */
struct call {
	__u64 thread;
	__u64 start;
	__u64 sk;
	void *address;
	__u64 attempted; /* the attempt went as far as a SYN: its outcome is seen there */
};

SKOOP_PLACES(calls, struct call, 10)

/* ns from which on an attempt counts as unanswered, and as slow */
const volatile __u64 unanswered_after = 3000000000;
const volatile __u64 slow_after = 500000000;

static __always_inline __u32 result_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return SKOOP_CONNECT_REFUSED;
	case ETIMEDOUT:
		return SKOOP_CONNECT_TIMEOUT;
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
		return SKOOP_CONNECT_UNREACHABLE;
	case EPERM:
	case EACCES:
		return SKOOP_CONNECT_PROHIBITED;
	case EADDRNOTAVAIL:
		return SKOOP_CONNECT_NO_PORT;
	}
	return SKOOP_CONNECT_FAILED;
}

static __always_inline __u32 segments_of(struct sock *sk, bool typed)
{
	struct tcp_sock___connect *tcp = (void *)tcp_of_sock(sk, typed);

	return tcp ? READ(typed, tcp, segs_out) : 0;
}

static __always_inline __u32 retransmits_of(struct sock *sk, bool typed)
{
	struct tcp_sock___connect *tcp = (void *)tcp_of_sock(sk, typed);

	return tcp ? READ(typed, tcp, total_retrans) : 0;
}

/* The call of connect() that the current thread is in for this socket. */
static __always_inline struct call *call_of(__u64 sk)
{
	struct call *call = calls_find(bpf_get_current_pid_tgid());

	return call && call->sk == sk ? call : NULL;
}

static __always_inline int begin(struct sock *sk, bool typed)
{
	__u64 thread = bpf_get_current_pid_tgid(), key = number_of(sk, typed);
	struct skoop_connect_attempt *attempt;
	struct call *call;

	if (READ(typed, sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	attempt = attempts_take(key, bpf_ktime_get_ns());
	if (!attempt)
		return 0;
	attempt->netns = netns_of_sock(sk, typed);
	attempt->pid = thread >> 32;
	attempt->thread = thread;
	bpf_get_current_comm(attempt->comm, sizeof(attempt->comm));
	attempt->segments = segments_of(sk, typed);
	attempt->retransmits = retransmits_of(sk, typed);
	attempt->reported = 0;
	call = call_of(key);
	if (call)
		call->attempted = 1;
	return 0;
}

static __always_inline void report(void *context, struct sock *sk,
				   struct skoop_connect_attempt *attempt, __u64 now, __u32 result,
				   int error, bool typed)
{
	struct skoop_connect_event *event;

	if (!events_wanted)
		return;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return;
	event->event.time = now;
	event->event.netns = attempt->netns;
	event->event.pid = attempt->pid;
	event->event.thread = attempt->thread;
	__builtin_memcpy(event->event.comm, attempt->comm, SKOOP_COMM);
	tuple_of_sock(&event->event.tuple, sk, typed);
	tuple_unmap(&event->event.tuple);
	event->latency = attempt->start ? now - attempt->start : 0;
	event->retransmits = retransmits_of(sk, typed) - attempt->retransmits;
	event->result = result;
	event->error = error;
	event_submit(event);
}

/* Whether the attempt is to be counted as unanswered by the caller, who is the first to find it so. */
static __always_inline bool claim_unanswered(struct skoop_connect_attempt *attempt)
{
	struct attempt_name name = {.sk = attempt->sk, .start = attempt->start};
	__u8 one = 1;

	return bpf_map_update_elem(&unanswered, &name, &one, BPF_NOEXIST) == 0;
}

static __always_inline int end(void *context, struct sock *sk, int state, bool typed)
{
	__u64 key = number_of(sk, typed), now, latency;
	struct skoop_connect_attempt *found = attempts_find(key), attempt = {};
	__u32 result;
	int error = 0;

	if (found) {
		attempt = *found;
		attempts_free(key);
	} else {
		if (READ(typed, sk, sk_protocol) != IPPROTO_TCP)
			return 0;
		attempt.netns = netns_of_sock(sk, typed);
	}
	now = bpf_ktime_get_ns();
	latency = attempt.start ? now - attempt.start : 0;
	if (state == TCP_ESTABLISHED) {
		/* a connection that is restored from a checkpoint sends no SYN */
		if (segments_of(sk, typed) == attempt.segments)
			return 0;
		result = SKOOP_CONNECT_ESTABLISHED;
	} else {
		error = READ(typed, sk, sk_err);
		if (!error && segments_of(sk, typed) == attempt.segments) {
			struct call *call = call_of(key);

			if (call) {
				/* the return of the call says why */
				call->attempted = 0;
				return 0;
			}
			result = SKOOP_CONNECT_FAILED;
		} else {
			result = error ? result_of(error) : SKOOP_CONNECT_CLOSED;
		}
	}
	if (result == SKOOP_CONNECT_ESTABLISHED && attempt.start)
		histogram_add(attempt.netns, result, latency);
	else
		counter_add(attempt.netns, result);
	if (latency >= unanswered_after && !attempt.reported && claim_unanswered(&attempt))
		counter_add(attempt.netns, SKOOP_CONNECT_UNANSWERED);
	if (result != SKOOP_CONNECT_ESTABLISHED || latency >= slow_after)
		report(context, sk, &attempt, now, result, error, typed);
	return 0;
}

static __always_inline int changed(void *context, struct sock *sk, int old, int new, bool typed)
{
	if (old == TCP_CLOSE && new == TCP_SYN_SENT)
		return begin(sk, typed);
	if (old == TCP_SYN_SENT && new != TCP_SYN_RECV)
		return end(context, sk, new, typed);
	/* of a simultaneous open; other sockets in this state are a listener's */
	if (old == TCP_SYN_RECV && attempts_find(number_of(sk, typed)))
		return end(context, sk, new, typed);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, struct sock *sk, int old, int new)
{
	return changed(ctx, sk, old, new, true);
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(on_state_untyped, struct sock *sk, int old, int new)
{
	return changed(ctx, sk, old, new, false);
}

static __always_inline int call_begins(struct socket___connect *socket, void *address, bool typed)
{
	struct call *call;
	struct sock *sk;

	/* a second call only asks for the outcome of the first */
	if (READ(typed, socket, state) != SS_UNCONNECTED)
		return 0;
	sk = READ(typed, socket, sk);
	if (!sk)
		return 0;
	call = calls_take(bpf_get_current_pid_tgid(), bpf_ktime_get_ns());
	if (!call)
		return 0;
	call->sk = number_of(sk, typed);
	call->address = address;
	call->attempted = 0;
	return 0;
}

static __always_inline void destination_of(struct skoop_tuple *tuple,
					   struct socket_address *address)
{
	tuple->family = address->family;
	tuple->protocol = IPPROTO_TCP;
	tuple->destination_port = bpf_ntohs(address->port);
	if (address->family == AF_INET6)
		__builtin_memcpy(tuple->destination, address->ipv6, 16);
	else
		__builtin_memcpy(tuple->destination, address->ipv4, 4);
	tuple_unmap(tuple);
}

static __always_inline int call_ends(void *context, long result, bool of_user)
{
	struct call *found = calls_find(bpf_get_current_pid_tgid()), call;
	struct socket_address address = {};
	struct skoop_connect_event *event;
	struct sock *sk;
	__u32 netns;

	if (!found)
		return 0;
	call = *found;
	calls_free(call.thread);
	if (result >= 0 || call.attempted)
		return 0;
	if (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK)
		return 0;
	switch (-result) {
	case EINTR:
	case EFAULT:
	case EISCONN:
	case EALREADY:
	case EINPROGRESS:
		return 0;
	}
	if (of_user)
		bpf_probe_read_user(&address, sizeof(address), call.address);
	else
		bpf_probe_read_kernel(&address, sizeof(address), call.address);
	/* AF_UNSPEC ends a connection */
	if (address.family != AF_INET && address.family != AF_INET6)
		return 0;
	sk = (struct sock *)call.sk;
	if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	netns = netns_of_sock(sk, false);
	counter_add(netns, result_of(-result));
	if (!events_wanted)
		return 0;
	event = event_reserve(context, sizeof(*event));
	if (!event)
		return 0;
	event->event.time = bpf_ktime_get_ns();
	event->event.netns = netns;
	event_task(&event->event);
	destination_of(&event->event.tuple, &address);
	event->event.tuple.source_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	event->latency = event->event.time - call.start;
	event->result = result_of(-result);
	event->error = -result;
	event_submit(event);
	return 0;
}

SEC("fentry/inet_stream_connect")
int BPF_PROG(on_connect, struct socket___connect *socket, void *address)
{
	return call_begins(socket, address, true);
}

SEC("fexit/inet_stream_connect")
int BPF_PROG(on_connected, struct socket___connect *socket, void *address, int size, int flags,
	     int result)
{
	return call_ends(ctx, result, false);
}

/* An open file of the current task. */
static __always_inline struct file *file_of(struct task_struct *task, __u32 descriptor, bool typed)
{
	struct fdtable *table = READ(typed, task, files, fdt);
	struct file *file = NULL;

	if (descriptor < READ(typed, table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), READ(typed, table, fd) + descriptor);
	return file;
}

SEC("tp/syscalls/sys_enter_connect")
int on_connect_call(struct call_entry *entry)
{
	__u32 descriptor = entry->arguments[0];
	struct socket___connect *socket;
	struct file *file;

	/* since 5.11 */
	if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf))
		file = file_of(bpf_get_current_task_btf(), descriptor, true);
	else
		file = file_of((struct task_struct *)bpf_get_current_task(), descriptor, false);
	if (!file)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	/* only a socket's private data points back */
	if (!socket || BPF_CORE_READ(socket, file) != file)
		return 0;
	return call_begins(socket, (void *)entry->arguments[1], false);
}

SEC("tp/syscalls/sys_exit_connect")
int on_connect_return(struct call_return *call)
{
	return call_ends(call, call->result, true);
}

static __always_inline void look_at(void *context, struct skoop_connect_attempt *entry, __u64 now)
{
	struct skoop_connect_attempt attempt;
	struct sock *sk;
	__u8 state;

	if (entry->reported || now < entry->start + unanswered_after)
		return;
	attempt = *entry;
	entry->reported = 1;
	sk = (struct sock *)attempt.sk;
	state = BPF_CORE_READ(sk, __sk_common.skc_state);
	if ((state != TCP_SYN_SENT && state != TCP_SYN_RECV) || !claim_unanswered(&attempt))
		return;
	counter_add(attempt.netns, SKOOP_CONNECT_UNANSWERED);
	report(context, sk, &attempt, now, SKOOP_CONNECT_UNANSWERED, 0, false);
}

/* Reports attempts that have waited for too long, once. */
SEC("iter/bpf_map_elem")
int report_unanswered(struct bpf_iter__bpf_map_elem *context)
{
	struct attempts_bucket *bucket = context->value;
	__u64 now = bpf_ktime_get_ns();

	if (!bucket)
		return 0;
	for (int number = 0; number < PLACES; number++)
		if (bucket->bucket.keys[number])
			look_at(context, &bucket->places[number], now);
	return 0;
}
