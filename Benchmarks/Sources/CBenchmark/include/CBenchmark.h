/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be plain C to be a fair or a safe part of the benchmarks. */
#ifndef CBENCHMARK_H
#define CBENCHMARK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A process in a network namespace of its own; it dies with the thread that made it. */
struct bench_pod {
	pid_t pid;
	int control;
};

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t bench_now(void);

/*
 * Starts a pod with loopback up, and with `uplink` > 0 a veth pair whose other end,
 * `veth<number>`, is in the namespace of the process `uplink`. 0 or -errno.
 */
int bench_pod_start(struct bench_pod *pod, pid_t uplink, unsigned int number);

/* Opens that many loopback connections inside, each two sockets, half of them IPv6. 0 or -errno. */
int bench_pod_connect(const struct bench_pod *pod, uint32_t connections);

/* Resets all connections of the pod, so that no TIME_WAIT socket is left. 0 or -errno. */
int bench_pod_reset(const struct bench_pod *pod);

/* Ends the process and waits for it. */
void bench_pod_stop(struct bench_pod *pod);

/* Raises the limit of open files to the hard limit, which is returned. */
uint64_t bench_raise_file_limit(void);

/*
 * Opens, reads in blocks of 64 KB and closes `/proc/<pid>/<file>` of every process and file and
 * parses nothing. `files` is a list of strings that ends with an empty one. The number of files
 * read; one that is not there is passed over.
 */
uint64_t bench_read_procfs(const pid_t *pids, size_t pid_count, const char *files);

/* The nanoseconds of a memcpy that no optimiser removes. */
uint64_t bench_copy(void *to, const void *from, size_t size);

/* One HTTP/1.1 request to 127.0.0.1; the length of the body, or -errno, or -EPROTO when not 200. */
long bench_http_get(uint16_t port, const char *request);

/* Installs a handler that only notes SIGINT and SIGTERM. */
void bench_note_signals(void);
int bench_interrupted(void);

#endif
