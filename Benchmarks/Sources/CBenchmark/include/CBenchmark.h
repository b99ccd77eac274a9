/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be plain C to be a fair or a safe part of the benchmarks. */
#ifndef CBENCHMARK_H
#define CBENCHMARK_H

#include <stdbool.h>
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

/* What the calling thread has spent on a CPU, in nanoseconds. */
uint64_t bench_spent(void);

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

/* The bytes that malloc has given out. */
uint64_t bench_allocated(void);

/* The nanoseconds of a memcpy that no optimiser removes. */
uint64_t bench_copy(void *to, const void *from, size_t size);

/* One HTTP/1.1 request to 127.0.0.1; the length of the body, or -errno, or -EPROTO when not 200. */
long bench_http_get(uint16_t port, const char *request);

/* Links of a program's empty twin, at most. */
enum {
	BENCH_TWIN_LINKS = 8,
};

/* An eBPF program that this process has attached, and where asked for, an empty one at the same hook. */
struct bench_program {
	uint32_t id;
	uint32_t kind; /* of its link: enum bpf_link_type */
	int fd;
	int link;
	char name[20];
	char hook[80]; /* known with the twin */
	uint32_t code; /* bytes of machine code */
	uint32_t verified;
	int twin; /* -1: none */
	int twin_links[BENCH_TWIN_LINKS];
	size_t twin_link_count;
};

/* How often a program ran, how long in all (ns), and how often it was left out. */
struct bench_runs {
	uint64_t count;
	uint64_t time;
	uint64_t missed;
};

/* The programs that this process has links to, each once. Close them with bench_close_program(). */
size_t bench_programs(struct bench_program *programs, size_t capacity);

/*
 * Attaches an empty program where this one is attached: for netfilter's hooks in these namespaces, for control groups at
 * the root. 0 or -errno; -EOPNOTSUPP for kinds of hooks that it cannot do this for.
 */
int bench_make_twin(struct bench_program *program, int root_cgroup, const int *namespaces,
		    size_t namespace_count);

/* What the kernel has measured of a program and its twin. */
void bench_read_runs(const struct bench_program *program, struct bench_runs *own,
		     struct bench_runs *twin);

void bench_close_program(struct bench_program *program);

/* While this descriptor is open, the kernel measures how long programs run. -errno where it cannot. */
int bench_run_clock(void);

/* The kernel's memory for all eBPF maps that this process has open, in bytes. */
uint64_t bench_map_memory(void);

/*
 * Traffic: role "server" or "client"; kind "udp" (DNS queries and answers, whatever the port), "echo", "connect" (opened and
 * reset) or "store" (writes to the file `host`). 0 when a client is done.
 */
int bench_traffic(const char *role, const char *kind, const char *host, uint16_t port,
		  unsigned long count);

/* A network namespace that the calling thread has made for itself, and what lets packets into it. */
struct bench_flood {
	int program;
	uint64_t inode;
	uint64_t cookie; /* of the namespace, SO_NETNS_COOKIE */
};

/*
 * Makes the namespace, which ends with the thread. The packets come in at its loopback device, and the kernel drops them
 * for a wrong checksum (SKB_DROP_REASON_IP_CSUM); they have one of so many source ports. Since 5.18. 0 or -errno.
 */
int bench_flood_begin(struct bench_flood *flood, uint32_t ports);

/* Lets so many packets in. 0 or -errno. */
int bench_flood_send(const struct bench_flood *flood, uint32_t packets);

void bench_flood_end(const struct bench_flood *flood);

/* Installs a handler that only notes SIGINT and SIGTERM. */
void bench_note_signals(void);
int bench_interrupted(void);

#endif
