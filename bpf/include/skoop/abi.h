/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records that kernel programs write and user space reads: one definition for both. */
#ifndef SKOOP_ABI_H
#define SKOOP_ABI_H

#ifdef __bpf__
#include <skoop/kernel.h>
#else
#include <linux/types.h>
#endif

/*
 * One namespace's MIBs are a row of 64-bit words; these are the places of the tables in it. A table keeps the
 * running kernel's own order, so that word SKOOP_MIB_TCPEXT + LINUX_MIB_LISTENDROPS is ListenDrops. Room is
 * left for tables to grow; what does not fit is not read.
 */
enum skoop_mib_layout {
	SKOOP_MIB_INUM = 0,
	SKOOP_MIB_IP_FORWARDING = 1,
	SKOOP_MIB_IP_DEFAULT_TTL = 2,
	SKOOP_MIB_IP = 8,
	SKOOP_MIB_IP_WORDS = 48,
	SKOOP_MIB_TCP = SKOOP_MIB_IP + SKOOP_MIB_IP_WORDS,
	SKOOP_MIB_TCP_WORDS = 24,
	SKOOP_MIB_UDP = SKOOP_MIB_TCP + SKOOP_MIB_TCP_WORDS,
	SKOOP_MIB_UDP_WORDS = 16,
	SKOOP_MIB_TCPEXT = SKOOP_MIB_UDP + SKOOP_MIB_UDP_WORDS,
	SKOOP_MIB_TCPEXT_WORDS = 192,
	SKOOP_MIB_IP6 = SKOOP_MIB_TCPEXT + SKOOP_MIB_TCPEXT_WORDS,
	SKOOP_MIB_IP6_WORDS = 48,
	SKOOP_MIB_UDP6 = SKOOP_MIB_IP6 + SKOOP_MIB_IP6_WORDS,
	SKOOP_MIB_UDP6_WORDS = 16,
	SKOOP_MIB_ICMP = SKOOP_MIB_UDP6 + SKOOP_MIB_UDP6_WORDS,
	SKOOP_MIB_ICMP_WORDS = 40,
	SKOOP_MIB_ICMP6 = SKOOP_MIB_ICMP + SKOOP_MIB_ICMP_WORDS,
	SKOOP_MIB_ICMP6_WORDS = 16,
	/* ICMP messages by type, types 0 to 31, received and sent */
	SKOOP_MIB_ICMP_IN = SKOOP_MIB_ICMP6 + SKOOP_MIB_ICMP6_WORDS,
	SKOOP_MIB_ICMP_TYPES = 32,
	SKOOP_MIB_ICMP_OUT = SKOOP_MIB_ICMP_IN + SKOOP_MIB_ICMP_TYPES,
	/* ICMPv6 errors are types 0 to 127 (few are used), informational messages start at 128 */
	SKOOP_MIB_ICMP6_ERROR_TYPES = 8,
	SKOOP_MIB_ICMP6_INFO_TYPES = 24,
	SKOOP_MIB_ICMP6_IN_ERROR = SKOOP_MIB_ICMP_OUT + SKOOP_MIB_ICMP_TYPES,
	SKOOP_MIB_ICMP6_IN_INFO = SKOOP_MIB_ICMP6_IN_ERROR + SKOOP_MIB_ICMP6_ERROR_TYPES,
	SKOOP_MIB_ICMP6_OUT_ERROR = SKOOP_MIB_ICMP6_IN_INFO + SKOOP_MIB_ICMP6_INFO_TYPES,
	SKOOP_MIB_ICMP6_OUT_INFO = SKOOP_MIB_ICMP6_OUT_ERROR + SKOOP_MIB_ICMP6_ERROR_TYPES,
	SKOOP_MIB_WORDS = SKOOP_MIB_ICMP6_OUT_INFO + SKOOP_MIB_ICMP6_INFO_TYPES,
};

struct skoop_mib_row {
	__u64 words[SKOOP_MIB_WORDS];
};

/* Which tables a pass reads: bits of skoop_pass.tables */
enum skoop_mib_tables {
	SKOOP_TABLES_IP = 1,
	SKOOP_TABLES_TCP = 2,
	SKOOP_TABLES_UDP = 4,
	SKOOP_TABLES_TCPEXT = 8,
	SKOOP_TABLES_IP6 = 16,
	SKOOP_TABLES_UDP6 = 32,
	SKOOP_TABLES_ICMP = 64,
	SKOOP_TABLES_ICMP6 = 128,
};

/* What a pass is asked for and how it went; the context of the syscall programs. */
struct skoop_pass {
	__u32 tables;	  /* in: enum skoop_mib_tables */
	__u32 capacity;	  /* in: rows of the result map */
	__u32 namespaces; /* out: rows written */
	__u32 complete;	  /* out: the ring of namespaces was seen whole and fitted */
	__u32 sockets;	  /* out: sockets seen */
	__u32 broken;	  /* out: hash chains left early because they changed underfoot */
	__u32 unknown;	  /* out: sockets of a namespace that has no row */
	__u32 cpus;	  /* in: entries of the map of CPUs */
};

enum {
	SKOOP_TCP_STATES = 13,
};

/* The TCP sockets of one namespace, IPv4 and IPv6 together. */
struct skoop_tcp_row {
	__u64 inum;
	__u64 net;   /* the key of the namespace during a pass */
	__u64 table; /* the established table that was counted for it first */
	__u64 states[SKOOP_TCP_STATES];
	__u64 transmit_queue;
	__u64 receive_queue;
	__u64 accept_queue;
	__u64 accept_queue_limit;
	__u64 accept_queue_max;
};

/* Places of the counters in skoop_conntrack_row, in the order of struct ip_conntrack_stat of recent kernels. */
enum skoop_conntrack_counter {
	SKOOP_CT_FOUND,
	SKOOP_CT_INVALID,
	SKOOP_CT_IGNORE,
	SKOOP_CT_INSERT,
	SKOOP_CT_INSERT_FAILED,
	SKOOP_CT_DROP,
	SKOOP_CT_EARLY_DROP,
	SKOOP_CT_ERROR,
	SKOOP_CT_SEARCH_RESTART,
	SKOOP_CT_CLASH_RESOLVE,
	SKOOP_CT_CHAIN_TOO_LONG,
	SKOOP_CT_COUNTERS,
};

/* Connection tracking of one namespace. */
struct skoop_conntrack_row {
	__u64 inum;
	__u64 cookie;
	__u32 entries;
	__u32 max_entries;
	__u32 available; /* bit n: this kernel has counter n */
	__u32 counters
		[SKOOP_CT_COUNTERS]; /* sums over CPUs modulo 2^32, the width of the kernel's */
	__u32 reserved[2];
};

/* Places of the values in skoop_sockstat_row; those of the kinds of sockets come first. */
enum skoop_sockstat_value {
	SKOOP_SOCKSTAT_TCP,
	SKOOP_SOCKSTAT_UDP,
	SKOOP_SOCKSTAT_UDPLITE,
	SKOOP_SOCKSTAT_RAW,
	SKOOP_SOCKSTAT_TCP6,
	SKOOP_SOCKSTAT_UDP6,
	SKOOP_SOCKSTAT_UDPLITE6,
	SKOOP_SOCKSTAT_RAW6,
	SKOOP_SOCKSTAT_KINDS,
	SKOOP_SOCKSTAT_USED = SKOOP_SOCKSTAT_KINDS,
	SKOOP_SOCKSTAT_TIME_WAIT,
	SKOOP_SOCKSTAT_FRAGMENTS,
	SKOOP_SOCKSTAT_FRAGMENT_MEMORY,
	SKOOP_SOCKSTAT_FRAGMENTS6,
	SKOOP_SOCKSTAT_FRAGMENT_MEMORY6,
	SKOOP_SOCKSTAT_VALUES,
};

/* A socket of each kind, for learning where its protocol counts. */
struct skoop_sockstat_kinds {
	__s32 descriptors[SKOOP_SOCKSTAT_KINDS]; /* below 0: there is none */
};

/* Sockets and fragments of one namespace. */
struct skoop_sockstat_row {
	__u64 inum;
	__u64 available; /* bit n: value n is known */
	__u64 values[SKOOP_SOCKSTAT_VALUES];
};

/* Tasks with the same group belong to the same entity. */
struct skoop_task_group {
	__u64 namespace;  /* inode of the network namespace; 0 for a task that has none any more */
	__u64 cgroup;	  /* id in the v2 hierarchy */
	__u64 cgroup_cpu; /* id in the cpu controller's hierarchy; where that is v2, the same */
	__u64 cgroup_memory;
};

struct skoop_io {
	__u64 read_calls;
	__u64 write_calls;
	__u64 read_bytes;
	__u64 written_bytes;
};

/* One thread. */
struct skoop_task {
	__u32 pid;
	__u32 tgid;
	__u64 start_boottime; /* ns, of the thread group's leader */
	struct skoop_task_group group;
	struct skoop_io own;	   /* this thread's own */
	struct skoop_io inherited; /* of dead threads and of children waited for; leaders only */
};

#endif
