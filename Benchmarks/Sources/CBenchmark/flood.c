/* SPDX-License-Identifier: Apache-2.0 */
/* Packets that the kernel drops, faster than any sender could send them. */
#define _GNU_SOURCE
#include "CBenchmark.h"
#include "bpfcall.h"
#include "wire.h"

#include <linux/if_ether.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum {
	/* include/uapi/linux/bpf.h, since 5.18: the kernel makes packets of the data and lets them in */
	TEST_XDP_LIVE_FRAMES = 1 << 1,
	/* include/uapi/asm-generic/socket.h, since 5.14 */
	NETNS_COOKIE = 71,
	PRANDOM = 7, /* bpf_get_prandom_u32 */
	SOURCE_PORT = ETH_HLEN + 20,
	FRAME = SOURCE_PORT + 8,
};

/* To the loopback device: from 10.0.0.1 to 127.0.0.1, UDP, with a checksum of the IP header that is wrong. */
static const uint8_t frame[FRAME] = {
	[12] = 0x08, [14] = 0x45, [17] = 28, [22] = 64, [23] = 17, [26] = 10,
	[29] = 1,    [30] = 127,  [33] = 1,  [37] = 80, [39] = 8,
};

/* Gives each frame one of so many source ports by chance, and lets it in. */
static int load(uint32_t ports)
{
	struct bpf_insn code[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 6, .src_reg = 1},
		{.code = BPF_LDX | BPF_MEM | BPF_W,
		 .dst_reg = 7,
		 .src_reg = 1,
		 .off = offsetof(struct xdp_md, data_end)},
		{.code = BPF_JMP | BPF_CALL, .imm = PRANDOM},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 6},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = FRAME},
		{.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 2, .src_reg = 7, .off = 2},
		{.code = BPF_ALU64 | BPF_MOD | BPF_K, .dst_reg = 0, .imm = ports},
		{.code = BPF_STX | BPF_MEM | BPF_H, .dst_reg = 6, .src_reg = 0, .off = SOURCE_PORT},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attributes = {0};

	attributes.prog_type = BPF_PROG_TYPE_XDP;
	attributes.insns = (uintptr_t)code;
	attributes.insn_cnt = sizeof(code) / sizeof(code[0]);
	attributes.license = (uintptr_t) "Apache-2.0";
	return bpf(BPF_PROG_LOAD, &attributes, sizeof(attributes));
}

int bench_flood_begin(struct bench_flood *flood, uint32_t ports)
{
	socklen_t size = sizeof(flood->cookie);
	struct stat status;
	int error, fd;

	memset(flood, 0, sizeof(*flood));
	if (unshare(CLONE_NEWNET) || stat("/proc/thread-self/ns/net", &status))
		return -errno;
	flood->inode = status.st_ino;
	error = wire_up(0, 0);
	if (error)
		return error;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || getsockopt(fd, SOL_SOCKET, NETNS_COOKIE, &flood->cookie, &size))
		error = -errno;
	if (fd >= 0)
		close(fd);
	flood->program = error ? error : load(ports);
	return flood->program < 0 ? flood->program : 0;
}

int bench_flood_send(const struct bench_flood *flood, uint32_t packets)
{
	union bpf_attr attributes = {0};

	attributes.test.prog_fd = flood->program;
	attributes.test.data_in = (uintptr_t)frame;
	attributes.test.data_size_in = sizeof(frame);
	attributes.test.repeat = packets;
	attributes.test.flags = TEST_XDP_LIVE_FRAMES;
	return bpf(BPF_PROG_TEST_RUN, &attributes, sizeof(attributes));
}

void bench_flood_end(const struct bench_flood *flood)
{
	if (flood->program > 0)
		close(flood->program);
}
