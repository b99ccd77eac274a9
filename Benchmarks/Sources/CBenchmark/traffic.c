/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic of one kind each, as fast as one client makes it. */
#define _GNU_SOURCE
#include "CBenchmark.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_of(union address *address, const char *host, uint16_t port)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1) {
		address->v6.sin6_family = AF_INET6;
		address->v6.sin6_port = htons(port);
		return sizeof(address->v6);
	}
	inet_pton(AF_INET, host, &address->v4.sin_addr);
	address->v4.sin_family = AF_INET;
	address->v4.sin_port = htons(port);
	return sizeof(address->v4);
}

/* Closes without a trace in TIME_WAIT. */
static void reset(int fd)
{
	struct linger linger = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

static int answer(int fd)
{
	char message[65536];
	union address peer;

	while (1) {
		socklen_t length = sizeof(peer);
		ssize_t size = recvfrom(fd, message, sizeof(message), 0, &peer.any, &length);

		if (size < 3)
			return 1;
		/* a query becomes its answer */
		message[2] |= 0x80;
		sendto(fd, message, size, 0, &peer.any, length);
	}
}

static int serve(int fd, bool closes)
{
	char message[65536];
	ssize_t size;
	int peer, one = 1;

	signal(SIGCHLD, SIG_IGN);
	if (listen(fd, 4096))
		return 1;
	while ((peer = accept(fd, NULL, NULL)) >= 0) {
		if (closes) {
			reset(peer);
		} else if (fork() == 0) {
			setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			while ((size = read(peer, message, sizeof(message))) > 0)
				if (write(peer, message, size) < 0)
					break;
			_exit(0);
		} else {
			close(peer);
		}
	}
	return 1;
}

static int ask(int fd, unsigned long count)
{
	uint8_t query[] = {0,	0,   1,	  0,   0,   1,	 0,   0,   0,	0,   0,
			   0,	3,   'w', 'w', 'w', 7,	 'e', 'x', 'a', 'm', 'p',
			   'l', 'e', 3,	  'o', 'r', 'g', 0,   0,   1,	0,   1};
	struct timeval patience = {.tv_usec = 200000};
	char message[512];

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (unsigned long i = 0; i < count; i++) {
		query[0] = i >> 8;
		query[1] = i;
		query[20] = 'a' + i % 26;
		if (send(fd, query, sizeof(query), 0) > 0)
			(void)!recv(fd, message, sizeof(message), 0);
	}
	return 0;
}

static int echo(int fd, unsigned long count)
{
	char message[100] = {0};
	int one = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (unsigned long i = 0; i < count; i++) {
		if (write(fd, message, sizeof(message)) < 0)
			return 1;
		for (ssize_t got = 0, size; got < (ssize_t)sizeof(message); got += size)
			if ((size = read(fd, message, sizeof(message))) <= 0)
				return 1;
	}
	return 0;
}

static int store(const char *path, unsigned long count)
{
	static char block[4096] __attribute__((aligned(4096)));
	int fd = open(path, O_WRONLY | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);

	unlink(path);
	for (unsigned long i = 0; i < count; i++)
		if (pwrite(fd, block, sizeof(block), i % 64 * sizeof(block)) < 0)
			return 1;
	return 0;
}

int bench_traffic(const char *role, const char *kind, const char *host, uint16_t port,
		  unsigned long count)
{
	bool is_datagram = strcmp(kind, "udp") == 0, connects = strcmp(kind, "connect") == 0;
	union address address;
	socklen_t length = address_of(&address, host, port);
	int one = 1, fd;

	if (strcmp(kind, "store") == 0)
		return store(host, count);
	if (strcmp(role, "client") == 0 && connects) {
		for (unsigned long i = 0; i < count; i++) {
			fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
			(void)!connect(fd, &address.any, length);
			reset(fd);
		}
		return 0;
	}
	fd = socket(address.any.sa_family, (is_datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC,
		    0);
	if (strcmp(role, "server") == 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(fd, &address.any, length))
			return 1;
		return is_datagram ? answer(fd) : serve(fd, connects);
	}
	if (connect(fd, &address.any, length))
		return 1;
	return is_datagram ? ask(fd, count) : echo(fd, count);
}
