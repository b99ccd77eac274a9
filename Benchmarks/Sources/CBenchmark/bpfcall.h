/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of bpf() without libbpf, and what older headers lack. */
#ifndef BPFCALL_H
#define BPFCALL_H

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* include/uapi/linux/bpf.h, where the header is older */
enum {
	LINK_RAW_TRACEPOINT = 1,
	LINK_TRACING = 2,
	LINK_CGROUP = 3,
	LINK_PERF_EVENT = 7,
	LINK_NETFILTER = 10,
	PROGRAM_NETFILTER = 32,
	ATTACH_NETFILTER = 45,
	PERF_EVENT_KPROBE = 3,
	PERF_EVENT_KRETPROBE = 4,
	PERF_EVENT_TRACEPOINT = 5,
};

/* struct bpf_link_info, the parts that matter here */
struct link_info {
	uint32_t type;
	uint32_t id;
	uint32_t program;
	uint32_t reserved;
	union {
		struct {
			uint64_t name;
			uint32_t name_length;
		} raw_tracepoint;
		struct {
			uint32_t attach_type;
		} tracing;
		struct {
			uint64_t id;
			uint32_t attach_type;
		} cgroup;
		struct {
			uint32_t family;
			uint32_t hook;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		struct {
			uint32_t kind;
			uint32_t reserved;
			uint64_t name;
			uint32_t name_length;
		} event;
		uint8_t room[64];
	};
};

static inline int bpf(int command, union bpf_attr *attributes, size_t size)
{
	int result = syscall(SYS_bpf, command, attributes, size);

	return result < 0 ? -errno : result;
}

static inline int info_of(int fd, void *info, uint32_t size)
{
	union bpf_attr attributes = {
		.info = {.bpf_fd = fd, .info_len = size, .info = (uintptr_t)info}};

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof(attributes));
}

#endif
