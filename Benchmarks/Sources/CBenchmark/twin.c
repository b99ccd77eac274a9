/* SPDX-License-Identifier: Apache-2.0 */
/* Empty programs beside others, at the same hooks: what a program costs is told in multiples of one. */
#define _GNU_SOURCE
#include "CBenchmark.h"
#include "bpfcall.h"

#include <fcntl.h>
#include <glob.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number of a tracepoint that is known by the last part of its name. */
static int tracepoint_number(const char *name)
{
	int context = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), mount, number = -ENOENT;
	char pattern[256];
	glob_t found;
	FILE *file;

	if (context < 0)
		return -errno;
	syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	mount = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	close(context);
	if (mount < 0)
		return -errno;
	snprintf(pattern, sizeof(pattern), "/proc/self/fd/%d/events/*/%s/id", mount, name);
	if (glob(pattern, 0, NULL, &found) == 0) {
		file = fopen(found.gl_pathv[0], "re");
		if (file && fscanf(file, "%d", &number) != 1)
			number = -EIO;
		if (file)
			fclose(file);
		globfree(&found);
	}
	close(mount);
	return number;
}

static int link_to_tracepoint(int fd, const char *name)
{
	struct perf_event_attr event = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(event), .sample_period = 1};
	int number = tracepoint_number(name), perf, result;
	union bpf_attr attributes = {0};

	if (number < 0)
		return number;
	event.config = number;
	perf = syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (perf < 0)
		return -errno;
	attributes.link_create.prog_fd = fd;
	attributes.link_create.target_fd = perf;
	attributes.link_create.attach_type = BPF_PERF_EVENT;
	result = bpf(BPF_LINK_CREATE, &attributes, sizeof(attributes));
	close(perf);
	return result;
}

static int link_to_netfilter(struct bench_program *program, const struct link_info *link,
			     const int *namespaces, size_t count)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), result = -ENOENT;
	/* struct bpf_attr of BPF_LINK_CREATE with what newer kernels have at its end */
	struct {
		uint32_t program, target, type, flags;
		uint32_t family, hook;
		int32_t priority;
		uint32_t more;
	} attributes = {program->twin,
			0,
			ATTACH_NETFILTER,
			0,
			link->netfilter.family,
			link->netfilter.hook,
			0,
			0};

	for (size_t i = 0; i < count && i < BENCH_TWIN_LINKS; i++) {
		if (setns(namespaces[i], CLONE_NEWNET))
			continue;
		attributes.priority =
			link->netfilter.priority + (link->netfilter.priority < 0 ? 20 : -20);
		result = bpf(BPF_LINK_CREATE, (union bpf_attr *)&attributes, sizeof(attributes));
		if (result >= 0)
			program->twin_links[program->twin_link_count++] = result;
	}
	setns(own, CLONE_NEWNET);
	close(own);
	return program->twin_link_count ? 0 : result;
}

int bench_make_twin(struct bench_program *program, int root_cgroup, const int *namespaces,
		    size_t namespace_count)
{
	struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K},
				  {.code = BPF_JMP | BPF_EXIT}};
	struct bpf_prog_info info = {0};
	union bpf_attr attributes = {0};
	char name[64] = "";
	struct link_info link;
	int result;

	memset(&link, 0, sizeof(link));
	if (program->kind == LINK_RAW_TRACEPOINT) {
		link.raw_tracepoint.name = (uintptr_t)name;
		link.raw_tracepoint.name_length = sizeof(name);
	} else if (program->kind == LINK_PERF_EVENT) {
		link.event.name = (uintptr_t)name;
		link.event.name_length = sizeof(name);
	}
	result = info_of(program->link, &link, sizeof(link));
	if (result < 0)
		return result;
	result = info_of(program->fd, &info, sizeof(info));
	if (result < 0)
		return result;
	attributes.prog_type = info.type;
	attributes.insns = (uintptr_t)code;
	attributes.insn_cnt = 2;
	attributes.license = (uintptr_t) "Dual BSD/GPL";
	memcpy(attributes.prog_name, "empty", 6);
	attributes.attach_btf_id = info.attach_btf_id;
	switch (link.type) {
	case LINK_RAW_TRACEPOINT:
		snprintf(program->hook, sizeof(program->hook), "%s/%s",
			 info.type == BPF_PROG_TYPE_TRACING ? "tp_btf" : "raw_tp", name);
		if (info.type == BPF_PROG_TYPE_TRACING)
			attributes.expected_attach_type = BPF_TRACE_RAW_TP;
		break;
	case LINK_TRACING:
		snprintf(program->hook, sizeof(program->hook), "%s",
			 link.tracing.attach_type == BPF_TRACE_FEXIT ? "fexit" : "fentry");
		attributes.expected_attach_type = link.tracing.attach_type;
		break;
	case LINK_CGROUP:
		snprintf(program->hook, sizeof(program->hook), "cgroup_skb");
		attributes.expected_attach_type = link.cgroup.attach_type;
		code[0].imm = 1; /* let pass */
		break;
	case LINK_NETFILTER:
		snprintf(program->hook, sizeof(program->hook), "netfilter");
		attributes.expected_attach_type = ATTACH_NETFILTER;
		code[0].imm = 1; /* accept */
		break;
	case LINK_PERF_EVENT:
		if (link.event.kind != PERF_EVENT_TRACEPOINT)
			return -EOPNOTSUPP;
		snprintf(program->hook, sizeof(program->hook), "tp/%s", name);
		break;
	default:
		return -EOPNOTSUPP;
	}
	program->twin = bpf(BPF_PROG_LOAD, &attributes, sizeof(attributes));
	if (program->twin < 0)
		return program->twin;
	if (link.type == LINK_NETFILTER)
		return link_to_netfilter(program, &link, namespaces, namespace_count);
	memset(&attributes, 0, sizeof(attributes));
	switch (link.type) {
	case LINK_RAW_TRACEPOINT:
	case LINK_TRACING:
		attributes.raw_tracepoint.name =
			info.type == BPF_PROG_TYPE_TRACING ? 0 : (uintptr_t)name;
		attributes.raw_tracepoint.prog_fd = program->twin;
		result = bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes, sizeof(attributes));
		break;
	case LINK_CGROUP:
		attributes.link_create.prog_fd = program->twin;
		attributes.link_create.target_fd = root_cgroup;
		attributes.link_create.attach_type = link.cgroup.attach_type;
		result = bpf(BPF_LINK_CREATE, &attributes, sizeof(attributes));
		break;
	default:
		result = link_to_tracepoint(program->twin, name);
	}
	if (result < 0)
		return result;
	program->twin_links[program->twin_link_count++] = result;
	return 0;
}
