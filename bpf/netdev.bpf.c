/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The counters of the network devices of every namespace in one run, where a namespace has nothing but loopback and
 * veth devices, as pods have; of others the row says that netlink must be asked.
 *
 * Hook: none; a syscall program. Since 5.19 (per-CPU reads). Why this one: a driver's own function adds up a device's
 * counters (ndo_get_stats64), which no program may call. So this knows one driver, by the types that the kernel shows of
 * it, and adds up what veth_get_stats64() of drivers/net/veth.c and dev_get_stats() of net/core/dev.c do. User space
 * compares it with netlink again and again.
 *
 * Devices are read without a lock. One that is still linked afterwards was there all the time: its memory is given back
 * only long after it has been unlinked.
 */
#include <skoop/abi/netdev.h>
#include <skoop/namespaces.h>
#include <skoop/percpu.h>

#define LINKS	     (SKOOP_NETDEV_DEVICES + 2) /* loopback, and one too many */
#define QUEUES	     4096
#define WORDS	     16
#define IFF_LOOPBACK 8

SKOOP_LICENSE;

NAMESPACE_ROWS(struct skoop_netdev_row);

/* What one end of a pair has counted, over all CPUs and queues. */
struct end {
	__u64 rx_packets;
	__u64 rx_bytes;
	__u64 tx_packets;
	__u64 tx_bytes;
	__u64 core_rx_dropped;
	__u64 core_tx_dropped;
	/* NAPI and XDP, by queue */
	__u64 rx_drops;
	__u64 xdp_packets;
	__u64 xdp_bytes;
	__u64 xdp_tx_err;
	__u64 peer_xmit_err;
};

struct pass {
	struct namespace_walk namespaces;
	__u32 cpus;
	const void *veth; /* its rtnl_link_ops, once seen */
	struct net *net;
	struct list_head *head;
	struct list_head *node;
	const void *counters; /* per CPU, of the device at hand */
	const void *core;
	struct veth_rq *queues;
	struct end end;
	__u64 words[WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pass);
} state SEC(".maps");

struct row_context {
	struct pass *pass;
	struct skoop_netdev_row *row;
};

#define WORD(pass, type, field)                                                                    \
	((pass)->words[bpf_core_field_offset(type, field) / sizeof(__u64) & (WORDS - 1)])

/* Reads what a type has, as far as there is room, into pass->words. */
#define READ_WORDS(pass, type, from)                                                               \
	bpf_probe_read_kernel((pass)->words,                                                       \
			      bpf_core_type_size(type) < sizeof((pass)->words)                     \
				      ? bpf_core_type_size(type)                                   \
				      : sizeof((pass)->words),                                     \
			      from)

/* Until 6.6 veth counts what it sends only (pcpu_lstats); the field came with the change. */
static __always_inline bool counts_both_ways(struct net_device *dev)
{
	return bpf_core_field_exists(dev->pcpu_stat_type);
}

static long add_cpu(__u32 index, struct row_context *context)
{
	struct pass *pass = context->pass;
	__u64 *offset = bpf_map_lookup_elem(&offsets, &index);
	struct end *end = &pass->end;
	struct net_device *none = NULL;

	if (!offset)
		return 1;
	if (pass->counters && counts_both_ways(none)) {
		if (!READ_WORDS(pass, struct pcpu_sw_netstats, pass->counters + *offset)) {
			end->rx_packets += WORD(pass, struct pcpu_sw_netstats, rx_packets);
			end->rx_bytes += WORD(pass, struct pcpu_sw_netstats, rx_bytes);
			end->tx_packets += WORD(pass, struct pcpu_sw_netstats, tx_packets);
			end->tx_bytes += WORD(pass, struct pcpu_sw_netstats, tx_bytes);
		}
	} else if (pass->counters) {
		if (!READ_WORDS(pass, struct pcpu_lstats, pass->counters + *offset)) {
			end->tx_packets += WORD(pass, struct pcpu_lstats, packets);
			end->tx_bytes += WORD(pass, struct pcpu_lstats, bytes);
		}
	}
	if (pass->core && !READ_WORDS(pass, struct net_device_core_stats, pass->core + *offset)) {
		end->core_rx_dropped += WORD(pass, struct net_device_core_stats, rx_dropped);
		end->core_tx_dropped += WORD(pass, struct net_device_core_stats, tx_dropped);
	}
	return 0;
}

static long add_queue(__u32 index, struct row_context *context)
{
	struct pass *pass = context->pass;
	void *queue = (void *)pass->queues + (__u64)index * bpf_core_type_size(struct veth_rq);
	struct end *end = &pass->end;

	if (READ_WORDS(pass, struct veth_stats,
		       queue + bpf_core_field_offset(struct veth_rq, stats.vs)))
		return 0;
	end->rx_drops += WORD(pass, struct veth_stats, rx_drops);
	end->xdp_packets += WORD(pass, struct veth_stats, xdp_packets);
	end->xdp_bytes += WORD(pass, struct veth_stats, xdp_bytes);
	end->xdp_tx_err += WORD(pass, struct veth_stats, xdp_tx_err);
	end->peer_xmit_err += WORD(pass, struct veth_stats, peer_tq_xdp_xmit_err);
	return 0;
}

/* netdev_priv() */
static __always_inline struct veth_priv *priv_of(struct net_device *dev)
{
	if (bpf_core_field_exists(dev->priv))
		return (void *)dev + bpf_core_field_offset(struct net_device, priv);
	return (void *)dev + ((bpf_core_type_size(struct net_device) + 31) & ~31ULL);
}

static __always_inline void add_up(struct row_context *context, struct net_device *dev)
{
	struct pass *pass = context->pass;
	__u32 queues = BPF_CORE_READ(dev, num_rx_queues);

	__builtin_memset(&pass->end, 0, sizeof(pass->end));
	if (counts_both_ways(dev))
		pass->counters = BPF_CORE_READ(dev, tstats);
	else
		pass->counters = BPF_CORE_READ(dev, lstats);
	pass->core = BPF_CORE_READ(dev, core_stats);
	pass->queues = BPF_CORE_READ(priv_of(dev), rq);
	bpf_loop(pass->cpus, add_cpu, context, 0);
	if (pass->queues)
		bpf_loop(queues < QUEUES ? queues : QUEUES, add_queue, context, 0);
}

/* Whether the device is in the list of its namespace, from which it is taken before it goes. */
static __always_inline bool is_linked(struct net_device *dev)
{
	struct list_head *prev = BPF_CORE_READ(dev, dev_list.prev);

	return BPF_CORE_READ(prev, next) ==
	       (void *)dev + bpf_core_field_offset(struct net_device, dev_list);
}

static __always_inline bool read_veth(struct row_context *context, struct skoop_netdev_device *row,
				      struct net_device *dev)
{
	struct veth_priv *priv = priv_of(dev);
	struct net_device *peer = BPF_CORE_READ(priv, peer);
	struct end *end = &context->pass->end;
	__u64 *counters = row->counters;

	row->ifindex = BPF_CORE_READ(dev, ifindex);
	BPF_CORE_READ_INTO(&row->name, dev, name);
	add_up(context, dev);
	counters[SKOOP_NETDEV_RX_BYTES] = end->rx_bytes + end->xdp_bytes;
	counters[SKOOP_NETDEV_RX_ERRORS] = 0;
	counters[SKOOP_NETDEV_RX_PACKETS] = end->rx_packets + end->xdp_packets;
	counters[SKOOP_NETDEV_RX_DROPPED] =
		end->rx_drops + end->peer_xmit_err + end->core_rx_dropped;
	counters[SKOOP_NETDEV_TX_BYTES] = end->tx_bytes;
	counters[SKOOP_NETDEV_TX_ERRORS] = 0;
	counters[SKOOP_NETDEV_TX_PACKETS] = end->tx_packets;
	counters[SKOOP_NETDEV_TX_DROPPED] =
		BPF_CORE_READ(priv, dropped.counter) + end->xdp_tx_err + end->core_tx_dropped;
	if (peer) {
		add_up(context, peer);
		counters[SKOOP_NETDEV_RX_BYTES] += end->tx_bytes;
		counters[SKOOP_NETDEV_RX_PACKETS] += end->tx_packets;
		counters[SKOOP_NETDEV_RX_DROPPED] += end->xdp_tx_err;
		counters[SKOOP_NETDEV_TX_BYTES] += end->xdp_bytes;
		counters[SKOOP_NETDEV_TX_PACKETS] += end->xdp_packets;
		counters[SKOOP_NETDEV_TX_DROPPED] += end->peer_xmit_err;
		if (!is_linked(peer))
			return false;
	}
	return is_linked(dev) && BPF_CORE_READ(dev, nd_net.net) == context->pass->net &&
	       BPF_CORE_READ(priv, peer) == peer;
}

static __always_inline bool is_veth(struct pass *pass, struct net_device *dev)
{
	struct rtnl_link_ops *ops = BPF_CORE_READ(dev, rtnl_link_ops);
	char kind[5] = {};

	if (!ops)
		return false;
	if (ops == pass->veth)
		return true;
	bpf_probe_read_kernel(kind, sizeof(kind), BPF_CORE_READ(ops, kind));
	if (kind[0] != 'v' || kind[1] != 'e' || kind[2] != 't' || kind[3] != 'h' || kind[4])
		return false;
	pass->veth = ops;
	return true;
}

static long read_device(__u32 index, struct row_context *context)
{
	struct pass *pass = context->pass;
	struct skoop_netdev_row *row = context->row;
	struct skoop_netdev_device *device;
	struct net_device *dev;
	__u64 place = row->count;

	if (pass->node == pass->head)
		return 1;
	dev = (void *)pass->node - bpf_core_field_offset(struct net_device, dev_list);
	pass->node = BPF_CORE_READ(dev, dev_list.next);
	if (BPF_CORE_READ(dev, flags) & IFF_LOOPBACK)
		return 0;
	/* before 6.4 the verifier does not know the bound any more where the place is used */
	barrier_var(place);
	device = &row->devices[place & (SKOOP_NETDEV_DEVICES - 1)];
	if (row->count >= SKOOP_NETDEV_DEVICES || !is_veth(pass, dev) ||
	    !read_veth(context, device, dev)) {
		pass->node = NULL;
		return 1;
	}
	row->count++;
	return 0;
}

static long read_namespace(__u32 index, struct pass **handle)
{
	struct pass *pass = *handle;
	struct row_context context = {.pass = pass};
	struct skoop_netdev_row *row;
	struct net *net;

	row = namespace_walk_row(&pass->namespaces, &rows, &net);
	if (!row)
		return namespace_walk_pass(&pass->namespaces, net);
	row->inum = BPF_CORE_READ(net, ns.inum);
	row->cookie = BPF_CORE_READ(net, net_cookie);
	row->count = 0;
	pass->net = net;
	pass->head = (void *)net + bpf_core_field_offset(struct net, dev_base_head);
	pass->node = BPF_CORE_READ(net, dev_base_head.next);
	context.row = row;
	bpf_loop(LINKS, read_device, &context, 0);
	row->complete = pass->node == pass->head;
	return namespace_walk_wrote(&pass->namespaces);
}

SEC("syscall")
int read_netdev(struct skoop_pass *request)
{
	__u32 zero = 0;
	struct pass *pass = bpf_map_lookup_elem(&state, &zero);

	if (!pass || !bpf_core_type_exists(struct veth_priv))
		return -1;
	pass->cpus = request->cpus;
	pass->veth = NULL;
	namespace_walk_begin(&pass->namespaces);
	bpf_loop(request->capacity + 1, read_namespace, &pass, 0);
	namespace_walk_report(&pass->namespaces, request);
	return 0;
}
