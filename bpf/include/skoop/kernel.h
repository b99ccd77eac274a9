/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kernel types, only the fields that programs use. CO-RE finds size and place of each in the running kernel,
 * so order and completeness do not matter. A field that a kernel may lack is guarded with
 * bpf_core_field_exists() where it is read.
 */
#ifndef SKOOP_KERNEL_H
#define SKOOP_KERNEL_H

typedef signed char __s8;
typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __sum16;
typedef __u32 __wsum;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL	 ((void *)0)

#define AF_INET	 2
#define AF_INET6 10

/* include/uapi/linux/bpf.h */
enum bpf_map_type {
	BPF_MAP_TYPE_UNSPEC,
	BPF_MAP_TYPE_HASH,
	BPF_MAP_TYPE_ARRAY,
	BPF_MAP_TYPE_PROG_ARRAY,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY,
	BPF_MAP_TYPE_PERCPU_HASH,
	BPF_MAP_TYPE_PERCPU_ARRAY,
	BPF_MAP_TYPE_STACK_TRACE,
	BPF_MAP_TYPE_CGROUP_ARRAY,
	BPF_MAP_TYPE_LRU_HASH,
	BPF_MAP_TYPE_LRU_PERCPU_HASH,
	BPF_MAP_TYPE_LPM_TRIE,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_EXIST = 2,
};

enum {
	BPF_F_NO_PREALLOC = 1U << 0,
	BPF_F_RDONLY_PROG = 1U << 7,
	BPF_F_MMAPABLE = 1U << 10,
};

enum {
	BPF_RB_NO_WAKEUP = 1U << 0,
	BPF_RB_FORCE_WAKEUP = 1U << 1,
};

enum {
	BPF_RB_AVAIL_DATA = 0,
};

/* To find out whether the running kernel has them; the numbers are fixed. */
enum bpf_func_id {
	BPF_FUNC_get_current_task_btf = 158, /* since 5.11 */
	BPF_FUNC_cgrp_storage_get = 210,     /* since 6.2 */
};

/* include/net/tcp_states.h */
enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT = 2,
	TCP_SYN_RECV = 3,
	TCP_TIME_WAIT = 6,
	TCP_CLOSE = 7,
	TCP_LISTEN = 10,
	TCP_NEW_SYN_RECV = 12,
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_nulls_node {
	struct hlist_nulls_node *next, **pprev;
};

struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

typedef struct {
	__s64 counter;
} atomic64_t;

typedef struct {
	atomic_t refs;
} refcount_t;

/* include/net/snmp.h; one instance per CPU unless it says msg */
struct ipstats_mib {
	__u64 mibs[1];
};

struct tcp_mib {
	unsigned long mibs[1];
};

struct linux_mib {
	unsigned long mibs[1];
};

struct udp_mib {
	unsigned long mibs[1];
};

struct icmp_mib {
	unsigned long mibs[1];
};

struct icmpv6_mib {
	unsigned long mibs[1];
};

struct icmpmsg_mib {
	atomic_long_t mibs[1];
};

struct icmpv6msg_mib {
	atomic_long_t mibs[1];
};

struct netns_mib {
	struct ipstats_mib *ip_statistics;
	struct ipstats_mib *ipv6_statistics;
	struct tcp_mib *tcp_statistics;
	struct linux_mib *net_statistics;
	struct udp_mib *udp_statistics;
	struct udp_mib *udp_stats_in6;
	struct icmp_mib *icmp_statistics;
	struct icmpmsg_mib *icmpmsg_statistics;
	struct icmpv6_mib *icmpv6_statistics;
	struct icmpv6msg_mib *icmpv6msg_statistics;
};

struct inet_ehash_bucket {
	struct hlist_nulls_head chain;
};

struct inet_listen_hashbucket {
	struct hlist_nulls_head nulls_head;
};

struct inet_hashinfo {
	struct inet_ehash_bucket *ehash;
	unsigned int ehash_mask;
	unsigned int lhash2_mask;
	struct inet_listen_hashbucket *lhash2;
};

struct inet_timewait_death_row {
	refcount_t tw_refcount;
	struct inet_hashinfo *hashinfo;
};

struct ipv4_devconf {
	int data[1];
};

struct rhashtable {
	atomic_t nelems;
};

/* include/net/inet_frag.h */
struct fqdir {
	struct rhashtable rhashtable;
	atomic_long_t mem;
};

struct netns_ipv4 {
	struct inet_timewait_death_row tcp_death_row;
	struct fqdir *fqdir;
	struct ipv4_devconf *devconf_all;
	__u8 sysctl_ip_default_ttl;
	atomic_t dev_addr_genid;
};

struct netns_ipv6 {
	struct fqdir *fqdir;
	atomic_t dev_addr_genid;
};

/* include/net/sock.h, moved to include/net/netns/core.h; per CPU */
struct prot_inuse {
	int all;
	int val[1];
};

struct netns_core {
	struct prot_inuse *prot_inuse;
};

struct ns_common {
	const void *ops;
	unsigned int inum;
};

/* include/linux/netfilter/nf_conntrack_common.h; per CPU */
struct ip_conntrack_stat {
	unsigned int found;
	unsigned int invalid;
	unsigned int insert;
	unsigned int insert_failed;
	unsigned int clash_resolve;
	unsigned int drop;
	unsigned int early_drop;
	unsigned int error;
	unsigned int search_restart;
	unsigned int chaintoolong;
	unsigned int ignore; /* before 5.10 */
};

struct netns_ct {
	struct ip_conntrack_stat *stat;
};

struct ctl_table {
	const char *procname;
	void *data;
};

struct ctl_table_header {
	struct ctl_table *ctl_table;
};

/* include/net/netfilter/nf_conntrack.h; found through net->gen */
struct nf_conntrack_net {
	atomic_t count;
	struct ctl_table_header *sysctl_header;
};

struct net_generic {
	void *ptr[1];
};

struct net {
	struct list_head list;
	struct netns_ct ct;
	struct net_generic *gen;
	__u64 net_cookie;
	struct list_head dev_base_head;
	struct ns_common ns;
	struct netns_core core;
	struct netns_mib mib;
	struct netns_ipv4 ipv4;
	struct netns_ipv6 ipv6;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct proto {
	unsigned int inuse_idx;
};

struct in6_addr {
	__u8 in6_u[16];
};

struct sock_common {
	struct proto *skc_prot;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct hlist_nulls_node skc_nulls_node;
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};

struct sock {
	struct sock_common __sk_common;
	__u32 sk_ack_backlog;
	__u32 sk_max_ack_backlog;
	int sk_err;
	__u16 sk_protocol;
};

/* include/linux/u64_stats_sync.h */
typedef struct {
	__u64 v;
} u64_stats_t;

/* include/linux/netdevice.h; these three per CPU */
struct pcpu_sw_netstats {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
};

struct pcpu_lstats {
	u64_stats_t packets;
	u64_stats_t bytes;
};

struct net_device_core_stats {
	unsigned long rx_dropped;
	unsigned long tx_dropped;
};

enum netdev_stat_type {
	NETDEV_PCPU_STAT_NONE,
};

struct rtnl_link_ops {
	const char *kind;
};

struct net_device {
	char name[16];
	int ifindex;
	possible_net_t nd_net;
	unsigned int flags;
	unsigned int num_rx_queues;
	struct list_head dev_list;
	struct rtnl_link_ops *rtnl_link_ops;
	struct pcpu_sw_netstats *tstats;
	struct pcpu_lstats *lstats;
	struct net_device_core_stats *core_stats;
	enum netdev_stat_type pcpu_stat_type;
	__u8 priv[1]; /* since 6.11 */
};

/* drivers/net/veth.c */
struct veth_stats {
	__u64 rx_drops;
	__u64 xdp_packets;
	__u64 xdp_bytes;
	__u64 xdp_tx_err;
	__u64 peer_tq_xdp_xmit_err;
};

struct veth_rq_stats {
	struct veth_stats vs;
};

struct veth_rq {
	struct veth_rq_stats stats;
};

struct veth_priv {
	struct net_device *peer;
	atomic64_t dropped;
	struct veth_rq *rq;
};

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	unsigned int len;
	__u16 protocol;
	__u16 transport_header;
	__u16 network_header;
	__u16 mac_header;
	unsigned char *head;
	unsigned char *data;
};

struct inet_timewait_sock {
	volatile unsigned char tw_substate;
};

struct socket {
	struct sock *sk;
};

struct file {
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

struct tcp_sock {
	__u32 write_seq;
	__u32 snd_una;
	__u32 rcv_nxt;
	__u32 copied_seq;
};

struct kernfs_node {
	__u64 id;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct cgroup_subsys_state {
	struct cgroup *cgroup;
};

struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};

/* include/linux/cgroup_subsys.h; the numbers are the running kernel's */
enum cgroup_subsys_id {
	cpu_cgrp_id,
	memory_cgrp_id,
	pids_cgrp_id,
};

struct nsproxy {
	struct net *net_ns;
};

struct task_io_accounting {
	__u64 syscr;
	__u64 syscw;
	__u64 read_bytes;
	__u64 write_bytes;
};

struct signal_struct {
	struct task_io_accounting ioac;
};

struct task_struct {
	int pid;
	int tgid;
	__u64 start_boottime;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	struct signal_struct *signal;
	struct task_io_accounting ioac;
	struct task_struct *group_leader;
};

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct bpf_array {
	char value[0];
};

#pragma clang attribute pop

#endif
