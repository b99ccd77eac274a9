/* SPDX-License-Identifier: Apache-2.0 */
/* The eBPF programs that this process has attached, and its maps. */
#define _GNU_SOURCE
#include "CBenchmark.h"
#include "bpfcall.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_of_kind(int fd, const char *kind)
{
	char path[64], target[64];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = 0;
	return strcmp(target, kind) == 0;
}

/* Calls back with every descriptor of this process that is of a kind. */
static void each_descriptor(const char *kind, void (*body)(int, void *), void *context)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && is_of_kind(fd, kind))
			body(fd, context);
	}
	if (directory)
		closedir(directory);
}

struct maps {
	uint64_t bytes;
	uint32_t seen[4096];
	size_t count;
};

static void add_map(int fd, void *context)
{
	struct maps *maps = context;
	char path[64], line[128];
	uint64_t bytes = 0;
	uint32_t id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		sscanf(line, "memlock: %lu", &bytes);
		sscanf(line, "map_id: %u", &id);
	}
	fclose(file);
	for (size_t i = 0; i < maps->count; i++)
		if (maps->seen[i] == id)
			return;
	if (maps->count < sizeof(maps->seen) / sizeof(maps->seen[0]))
		maps->seen[maps->count++] = id;
	maps->bytes += bytes;
}

uint64_t bench_map_memory(void)
{
	struct maps *maps = calloc(1, sizeof(*maps));
	uint64_t bytes;

	each_descriptor("anon_inode:bpf-map", add_map, maps);
	bytes = maps->bytes;
	free(maps);
	return bytes;
}

struct list {
	struct bench_program *programs;
	size_t capacity;
	size_t count;
};

static void add_program(int fd, void *context)
{
	union bpf_attr attributes = {0};
	struct list *list = context;
	struct link_info link;
	struct bench_program *program;
	struct bpf_prog_info info = {0};

	memset(&link, 0, sizeof(link));
	if (info_of(fd, &link, sizeof(link)) < 0 || list->count == list->capacity)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (list->programs[i].id == link.program)
			return;
	attributes.prog_id = link.program;
	program = &list->programs[list->count];
	memset(program, 0, sizeof(*program));
	program->fd = bpf(BPF_PROG_GET_FD_BY_ID, &attributes, sizeof(attributes));
	if (program->fd < 0)
		return;
	if (info_of(program->fd, &info, sizeof(info)) < 0) {
		close(program->fd);
		return;
	}
	program->id = link.program;
	program->link = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	program->kind = link.type;
	program->code = info.jited_prog_len;
	program->verified = info.verified_insns;
	program->twin = -1;
	memcpy(program->name, info.name, sizeof(info.name));
	list->count++;
}

size_t bench_programs(struct bench_program *programs, size_t capacity)
{
	struct list list = {programs, capacity, 0};

	each_descriptor("anon_inode:bpf_link", add_program, &list);
	return list.count;
}

static void read_times(int fd, struct bench_runs *runs)
{
	struct bpf_prog_info info = {0};

	if (fd < 0 || info_of(fd, &info, sizeof(info)) < 0)
		return;
	runs->count = info.run_cnt;
	runs->time = info.run_time_ns;
	runs->missed = info.recursion_misses;
}

void bench_read_runs(const struct bench_program *program, struct bench_runs *own,
		     struct bench_runs *twin)
{
	read_times(program->fd, own);
	read_times(program->twin, twin);
}

int bench_run_clock(void)
{
	union bpf_attr attributes = {0};

	attributes.enable_stats.type = BPF_STATS_RUN_TIME;
	return bpf(BPF_ENABLE_STATS, &attributes, sizeof(attributes));
}

void bench_close_program(struct bench_program *program)
{
	for (size_t i = 0; i < program->twin_link_count; i++)
		close(program->twin_links[i]);
	if (program->twin >= 0)
		close(program->twin);
	close(program->link);
	close(program->fd);
}
