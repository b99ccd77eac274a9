// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A netlink message that grows by attributes. */
struct message {
	struct nlmsghdr header;
	char body[512];
};

static void *tail(struct message *message)
{
	return (char *)message + NLMSG_ALIGN(message->header.nlmsg_len);
}

static struct rtattr *attribute(struct message *message, unsigned short type, const void *data,
				size_t size)
{
	struct rtattr *attribute = tail(message);

	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attribute), data, size);
	message->header.nlmsg_len = NLMSG_ALIGN(message->header.nlmsg_len) + RTA_SPACE(size);
	return attribute;
}

static void end(struct message *message, struct rtattr *nest)
{
	nest->rta_len = (char *)tail(message) - (char *)nest;
}

static int send_and_wait(struct message *message)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	char answer[1024];
	struct nlmsghdr *header = (void *)answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (sendto(fd, message, message->header.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) <
		    0 ||
	    recv(fd, answer, sizeof(answer), 0) < 0)
		error = -errno;
	else if (header->nlmsg_type == NLMSG_ERROR)
		error = ((struct nlmsgerr *)NLMSG_DATA(header))->error;
	close(fd);
	return error;
}

static int add_veth(const char *far, pid_t uplink)
{
	struct message message = {0};
	struct ifinfomsg plain = {0};
	struct rtattr *info, *data, *peer;
	uint32_t pid = uplink;

	message.header.nlmsg_type = RTM_NEWLINK;
	message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
	message.header.nlmsg_len = NLMSG_LENGTH(sizeof(plain));
	attribute(&message, IFLA_IFNAME, "eth0", sizeof("eth0"));
	info = attribute(&message, IFLA_LINKINFO, NULL, 0);
	attribute(&message, IFLA_INFO_KIND, "veth", sizeof("veth"));
	data = attribute(&message, IFLA_INFO_DATA, NULL, 0);
	peer = attribute(&message, VETH_INFO_PEER, &plain, sizeof(plain));
	attribute(&message, IFLA_IFNAME, far, strlen(far) + 1);
	attribute(&message, IFLA_NET_NS_PID, &pid, sizeof(pid));
	end(&message, peer);
	end(&message, data);
	end(&message, info);
	return send_and_wait(&message);
}

static int set_up(const char *device)
{
	struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	strncpy(request.ifr_name, device, IFNAMSIZ - 1);
	if (ioctl(fd, SIOCSIFFLAGS, &request))
		error = -errno;
	close(fd);
	return error;
}

/* The far end has to be set up where it lives: a veth is not opened before it has its peer. */
static int set_up_there(const char *device, pid_t process)
{
	char path[64];
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there, error;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", process);
	there = open(path, O_RDONLY | O_CLOEXEC);
	error = own < 0 || there < 0 || setns(there, CLONE_NEWNET) ? -errno : set_up(device);
	if (own >= 0 && setns(own, CLONE_NEWNET) && !error)
		error = -errno;
	close(own);
	close(there);
	return error;
}

int wire_up(pid_t uplink, unsigned int number)
{
	char far[IFNAMSIZ];
	int error = set_up("lo");

	if (error || uplink <= 0)
		return error;
	snprintf(far, sizeof(far), "veth%u", number);
	error = add_veth(far, uplink);
	if (!error)
		error = set_up("eth0");
	return error ? error : set_up_there(far, uplink);
}
