/* SPDX-License-Identifier: Apache-2.0 */
#include "CSkoopBPF.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic(skoop_bpf_log_handler) handler;
static atomic_int handler_level;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static _Thread_local char *collected;
static _Thread_local size_t collected_size;

static int print(enum libbpf_print_level level, const char *format, va_list arguments)
{
	skoop_bpf_log_handler to = atomic_load(&handler);
	char message[1024];

	if (collected && level == LIBBPF_WARN) {
		int length = vsnprintf(message, sizeof(message), format, arguments);

		/* The verifier's log has a buffer of its own. */
		if (length < 0 || strstr(message, "BEGIN PROG LOAD LOG"))
			return 0;
		snprintf(collected, collected_size, "%s", message);
		length = strlen(collected);
		collected += length;
		collected_size -= length;
	} else if (to && (int)level <= atomic_load(&handler_level)) {
		if (vsnprintf(message, sizeof(message), format, arguments) >= 0)
			to(level, message);
	}
	return 0;
}

static void install(void)
{
	libbpf_set_print(print);
}

void skoop_bpf_set_log_handler(skoop_bpf_log_handler to, int max_level)
{
	pthread_once(&once, install);
	atomic_store(&handler_level, max_level);
	atomic_store(&handler, to);
}

void skoop_bpf_collect_warnings(char *buffer, size_t size)
{
	pthread_once(&once, install);
	if (buffer)
		buffer[0] = 0;
	collected = buffer;
	collected_size = size;
}

#define FILTER_HOOK(filter)                                                                        \
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (filter)->interface,                     \
			    .attach_point = (filter)->egress ? BPF_TC_EGRESS : BPF_TC_INGRESS)

int skoop_bpf_filter_attach(struct skoop_bpf_filter *filter, int program)
{
	FILTER_HOOK(filter);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, options, .prog_fd = program);
	int error;

	/* Shared by all filters of the device, so it is never removed. */
	error = bpf_tc_hook_create(&hook);
	if (error && error != -EEXIST)
		return error;
	error = bpf_tc_attach(&hook, &options);
	filter->handle = options.handle;
	filter->priority = options.priority;
	return error;
}

int skoop_bpf_filter_detach(const struct skoop_bpf_filter *filter)
{
	FILTER_HOOK(filter);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, options, .handle = filter->handle,
			    .priority = filter->priority);

	return bpf_tc_detach(&hook, &options);
}

int skoop_bpf_attach_netfilter(int program, unsigned int family, unsigned int point, int priority)
{
	/* the member link_create of union bpf_attr, as far as links of netfilter use it; since 6.4 */
	struct {
		__u32 program;
		__u32 target;
		__u32 attach_type;
		__u32 flags;
		__u32 family;
		__u32 point;
		__s32 priority;
		__u32 netfilter_flags;
	} attributes = {
		.program = program,
		.attach_type = 45, /* BPF_NETFILTER */
		.family = family,
		.point = point,
		.priority = priority,
	};
	long result = syscall(SYS_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));

	return result < 0 ? -errno : result;
}
