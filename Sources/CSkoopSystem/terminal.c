// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "CSkoopSystem.h"

/* What a crash has to bring back. Handlers may use nothing that takes a lock. */
static struct {
	int fd;
	struct termios settings;
	const char *bytes;
	size_t length;
} guarded = {.fd = -1};

static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
static struct sigaction before[sizeof(crashes) / sizeof(crashes[0])];

static void restore(int signal)
{
	int error = errno;
	ssize_t ignored;

	if (guarded.fd >= 0) {
		ignored = write(guarded.fd, guarded.bytes, guarded.length);
		(void)ignored;
		tcsetattr(guarded.fd, TCSANOW, &guarded.settings);
		guarded.fd = -1;
	}
	/* Whoever handled it before does so now: the signal comes once more. */
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &before[i], NULL);
	errno = error;
	raise(signal);
}

int skoop_guard_terminal(int fd, const char *bytes, size_t length)
{
	struct sigaction action = {.sa_handler = restore, .sa_flags = SA_ONSTACK};

	if (tcgetattr(fd, &guarded.settings))
		return -1;
	guarded.bytes = bytes;
	guarded.length = length;
	guarded.fd = fd;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &action, &before[i]);
	return 0;
}

void skoop_release_terminal(void)
{
	if (guarded.fd < 0)
		return;
	guarded.fd = -1;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &before[i], NULL);
}
