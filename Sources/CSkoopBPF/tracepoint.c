/* SPDX-License-Identifier: Apache-2.0 */
#include "CSkoopBPF.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* An instance of tracefs that is mounted nowhere. */
static int open_tracefs(void)
{
	int context = syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC), mount = -1, error;

	if (context < 0)
		return -errno;
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	error = -errno;
	close(context);
	return mount < 0 ? error : mount;
}

int skoop_bpf_find_tracepoint(const char *path)
{
	static const char *const mounts[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	int root = -1, file, error;
	char text[32] = {0};

	for (size_t i = 0; i < 2 && root < 0; i++) {
		root = open(mounts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		/* the directory is there also where nothing is mounted on it */
		if (root >= 0 && faccessat(root, "events", R_OK, 0)) {
			close(root);
			root = -1;
		}
	}
	if (root < 0)
		root = open_tracefs();
	if (root < 0)
		return -ENODEV;
	file = openat(root, path, O_RDONLY | O_CLOEXEC);
	error = errno;
	close(root);
	if (file < 0)
		return -error;
	if (read(file, text, sizeof(text) - 1) <= 0)
		text[0] = 0;
	close(file);
	return atoi(text) > 0 ? atoi(text) : -EIO;
}

/* A program on one CPU's event sees those of all CPUs. */
static int open_event(struct perf_event_attr *attributes)
{
	int event;

	attributes->size = sizeof(*attributes);
	event = syscall(SYS_perf_event_open, attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return event < 0 ? -errno : event;
}

int skoop_bpf_open_tracepoint(int number)
{
	struct perf_event_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.type = PERF_TYPE_TRACEPOINT;
	attributes.config = number;
	return open_event(&attributes);
}

int skoop_bpf_open_kprobe(const char *function, int on_return)
{
	struct perf_event_attr attributes;
	char text[32] = {0};
	int file = open("/sys/bus/event_source/devices/kprobe/type", O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return -ENODEV;
	if (read(file, text, sizeof(text) - 1) <= 0)
		text[0] = 0;
	close(file);
	memset(&attributes, 0, sizeof(attributes));
	attributes.type = atoi(text);
	/* the bit that /sys/bus/event_source/devices/kprobe/format/retprobe names; it never moved */
	attributes.config = on_return ? 1 : 0;
	attributes.kprobe_func = (uintptr_t)function;
	return open_event(&attributes);
}
