// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CBenchmark.h"
#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONTROL = 3 };

static int *sockets;
static uint32_t socket_count;

static int keep(int fd)
{
	if (fd < 0)
		return -errno;
	sockets[socket_count++] = fd;
	return 0;
}

static int reset_all(void)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	while (socket_count > 0) {
		int fd = sockets[--socket_count];

		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		close(fd);
	}
	return 0;
}

static int connect_family(int family, uint32_t connections)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr *address = family == AF_INET ? (void *)&v4 : (void *)&v6;
	socklen_t size = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int listener = socket(family, SOCK_STREAM, 0);
	int error = 0;

	if (listener < 0)
		return -errno;
	if (bind(listener, address, size) || listen(listener, 128) ||
	    getsockname(listener, address, &size))
		error = -errno;
	for (uint32_t i = 0; !error && i < connections; i++) {
		int fd = socket(family, SOCK_STREAM, 0);

		error = keep(fd);
		if (!error && connect(fd, address, size))
			error = -errno;
		if (!error)
			error = keep(accept(listener, NULL, NULL));
	}
	close(listener);
	return error;
}

static int connect_all(uint32_t connections)
{
	int error;

	free(sockets);
	sockets = calloc(2 * (size_t)connections, sizeof(*sockets));
	if (!sockets)
		return -ENOMEM;
	error = connect_family(AF_INET, connections / 2);
	if (!error)
		error = connect_family(AF_INET6, connections - connections / 2);
	return error;
}

/* The pod's life: answers each request, a number of connections (0 closes all), with an error
 * number. */
static void serve(void)
{
	uint32_t connections;

	while (read(CONTROL, &connections, sizeof(connections)) == sizeof(connections)) {
		int32_t error = connections ? connect_all(connections) : reset_all();

		if (write(CONTROL, &error, sizeof(error)) != sizeof(error))
			break;
	}
}

static int32_t enter(pid_t uplink, unsigned int number)
{
	if (unshare(CLONE_NEWNET))
		return -errno;
	return wire_up(uplink, number);
}

int bench_pod_start(struct bench_pod *pod, pid_t uplink, unsigned int number)
{
	pid_t parent = getpid();
	int32_t error;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pod->control = pair[0];
	pod->pid = fork();
	if (pod->pid == 0) {
		/* Whatever ends the benchmark, the namespace goes with it: nothing else holds it.
		 */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGINT, SIG_IGN);
		dup2(pair[1], CONTROL);
		syscall(SYS_close_range, CONTROL + 1, ~0U, 0);
		error = getppid() == parent ? enter(uplink, number) : -ESRCH;
		if (write(CONTROL, &error, sizeof(error)) == sizeof(error) && !error)
			serve();
		_exit(0);
	}
	error = pod->pid < 0 ? -errno : 0;
	close(pair[1]);
	if (!error && read(pod->control, &error, sizeof(error)) != sizeof(error))
		error = -EPIPE;
	if (error)
		bench_pod_stop(pod);
	return error;
}

static int request(const struct bench_pod *pod, uint32_t connections)
{
	int32_t error;

	if (write(pod->control, &connections, sizeof(connections)) != sizeof(connections) ||
	    read(pod->control, &error, sizeof(error)) != sizeof(error))
		return -EPIPE;
	return error;
}

int bench_pod_connect(const struct bench_pod *pod, uint32_t connections)
{
	return connections ? request(pod, connections) : 0;
}

int bench_pod_reset(const struct bench_pod *pod)
{
	return request(pod, 0);
}

void bench_pod_stop(struct bench_pod *pod)
{
	close(pod->control);
	if (pod->pid > 0)
		while (waitpid(pod->pid, NULL, 0) < 0 && errno == EINTR)
			;
	pod->pid = 0;
}

uint64_t bench_raise_file_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}
