// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CBenchmark.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t bench_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

uint64_t bench_spent(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

uint64_t bench_read_procfs(const pid_t *pids, size_t pid_count, const char *files)
{
	static char buffer[65536];
	uint64_t count = 0;

	for (size_t i = 0; i < pid_count; i++) {
		for (const char *file = files; *file; file += strlen(file) + 1) {
			char path[128];
			int fd;

			snprintf(path, sizeof(path), "/proc/%d/%s", pids[i], file);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd < 0)
				continue;
			while (read(fd, buffer, sizeof(buffer)) > 0)
				;
			close(fd);
			count++;
		}
	}
	return count;
}

uint64_t bench_copy(void *to, const void *from, size_t size)
{
	uint64_t start = bench_now();

	memcpy(to, from, size);
	__asm__ volatile("" : : "r"(to) : "memory");
	return bench_now() - start;
}

long bench_http_get(uint16_t port, const char *request)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static char buffer[65536];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long total = 0, head = -1;
	ssize_t size;

	if (fd < 0)
		return -errno;
	if (connect(fd, (void *)&address, sizeof(address)) ||
	    write(fd, request, strlen(request)) < 0) {
		total = -errno;
		close(fd);
		return total;
	}
	while ((size = read(fd, buffer, sizeof(buffer))) > 0) {
		if (head < 0) {
			char *body = memmem(buffer, size, "\r\n\r\n", 4);

			if (!body || memcmp(buffer, "HTTP/1.1 200", 12))
				break;
			head = body + 4 - buffer;
		}
		total += size;
	}
	close(fd);
	return head < 0 ? -EPROTO : total - head;
}

static volatile sig_atomic_t interrupted;

static void note(int signal)
{
	(void)signal;
	interrupted = 1;
}

void bench_note_signals(void)
{
	struct sigaction action = {.sa_handler = note};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int bench_interrupted(void)
{
	return interrupted;
}

uint64_t bench_allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
