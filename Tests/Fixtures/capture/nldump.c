// SPDX-License-Identifier: Apache-2.0
/*
 * Sends one RDMA netlink request (NETLINK_RDMA, client RDMA_NL_NLDEV) and writes
 * the reply messages to standard output byte for byte as they were received,
 * including the final NLMSG_DONE (dump) or acknowledging NLMSG_ERROR (do).
 *
 *   nldump dump COMMAND [DEV]        every object; PORT_GET and RES_QP_GET need DEV
 *   nldump do   COMMAND DEV [PORT]   one object
 *
 * COMMAND is the number of an RDMA_NLDEV_CMD_*; DEV and PORT are indices.
 * Build: gcc -static -O2 -Wall -Wextra -o nldump nldump.c
 */
#include <err.h>
#include <errno.h>
#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	char attributes[64];
};

static void put_u32(struct request *request, uint16_t type, uint32_t value)
{
	struct nlattr *attribute =
		(struct nlattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + sizeof(value);
	memcpy((char *)attribute + NLA_HDRLEN, &value, sizeof(value));
	request->header.nlmsg_len =
		NLMSG_ALIGN(request->header.nlmsg_len) + NLA_ALIGN(attribute->nla_len);
}

/* True when this datagram ended the reply. */
static int last(const char *buffer, int size)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;

	for (; NLMSG_OK(message, (unsigned)size); message = NLMSG_NEXT(message, size)) {
		/* Both carry the result of the request first: 0 or a negative errno. */
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
			int result = *(const int *)NLMSG_DATA(message);

			if (result != 0) {
				errno = -result;
				err(1, "the kernel refused the request");
			}
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct request request = {.header = {.nlmsg_len = NLMSG_LENGTH(0), .nlmsg_seq = 1}};
	int dump, size, fd;

	if (argc < 3)
		errx(2, "usage: nldump dump|do COMMAND [DEV [PORT]]");
	dump = strcmp(argv[1], "dump") == 0;
	request.header.nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, atoi(argv[2]));
	request.header.nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	if (argc > 3)
		put_u32(&request, RDMA_NLDEV_ATTR_DEV_INDEX, atoi(argv[3]));
	if (argc > 4)
		put_u32(&request, RDMA_NLDEV_ATTR_PORT_INDEX, atoi(argv[4]));

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA);
	if (fd < 0)
		err(1, "socket");
	if (sendto(fd, &request, request.header.nlmsg_len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		err(1, "sendto");
	do {
		size = recv(fd, buffer, sizeof(buffer), 0);
		if (size < 0)
			err(1, "recv");
		if (write(STDOUT_FILENO, buffer, size) != size)
			err(1, "write");
	} while (!last(buffer, size));
	return 0;
}
