/* SPDX-License-Identifier: Apache-2.0 */
/* What Swift cannot do: take a va_list, have thread-local storage, promise what is in padding. */
#ifndef CSKOOPBPF_H
#define CSKOOPBPF_H

#include <stddef.h>
#include <stdint.h>

/* Receives one message of libbpf: level 0 is a warning, 1 information, 2 debugging. */
typedef void (*skoop_bpf_log_handler)(int level, const char *message);

/* Takes libbpf's messages over for the whole process: what no thread collects goes to the handler,
 * which is told of levels up to max_level. A null handler drops them. */
void skoop_bpf_set_log_handler(skoop_bpf_log_handler handler, int max_level);

/* Appends the warnings that libbpf gives on this thread to buffer, as lines, until called with
 * null. */
void skoop_bpf_collect_warnings(char *buffer, size_t size);

/* A filter of the clsact queueing discipline. */
struct skoop_bpf_filter {
	int interface;
	int egress;
	uint32_t handle;
	uint32_t priority;
};

/* Makes the discipline where it is missing, and a filter of the program; fills in handle and
 * priority. 0 or a negative error number. */
int skoop_bpf_filter_attach(struct skoop_bpf_filter *filter, int program);

/* Removes the filter. 0 or a negative error number. */
int skoop_bpf_filter_detach(const struct skoop_bpf_filter *filter);

/* The number of the tracepoint that has the file path ("events/category/name/id") in tracefs, which need not
 * be mounted from 5.2 on (with CAP_SYS_ADMIN); -ENOENT where the kernel has no such tracepoint,
 * -ENODEV where there is no tracefs. */
int skoop_bpf_find_tracepoint(const char *path);

/* A perf event of a tracepoint, to attach programs to; or a negative errno. */
int skoop_bpf_open_tracepoint(int number);

/* A kprobe in a function, or at its return, that nothing runs at yet; or a negative errno, -ENODEV where the kernel has no
 * kprobes and -ENOENT where it has no such function. */
int skoop_bpf_open_kprobe(const char *function, int on_return);

/* Attaches a program to netfilter in the network namespace of the calling thread, for which libbpf 1.1 has no function:
 * a descriptor, or the negative error number. */
int skoop_bpf_attach_netfilter(int program, unsigned int family, unsigned int point, int priority);

#endif
