#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes ../rdma/mlx5 and ../rdma/erdma: made-up sysfs trees and RDMA netlink
# replies with every counter of those two drivers, each with a value of its own.
# No hardware is involved; the layout follows the real capture in ../rdma/rxe.
# Usage (python3 needed): synthesize-rdma.sh
set -euo pipefail
rdma=$(cd "$(dirname "${BASH_SOURCE[0]}")/../rdma" && pwd)

# Under counters/: the port counters of the InfiniBand specification, kept by the core.
mlx5_port='port_rcv_data port_rcv_packets multicast_rcv_packets unicast_rcv_packets
    port_xmit_data port_xmit_packets port_xmit_packets_64 port_rcv_switch_relay_errors
    port_rcv_errors port_rcv_constraint_errors local_link_integrity_errors port_xmit_wait
    multicast_xmit_packets unicast_xmit_packets port_xmit_discards
    port_xmit_constraint_errors port_rcv_remote_physical_errors symbol_error VL15_dropped
    link_error_recovery link_downed'
# Under hw_counters/: the driver's own.
mlx5_driver='rx_write_requests rx_read_requests rx_atomic_requests out_of_buffer
    out_of_sequence duplicate_request rnr_nak_retry_err packet_seq_err
    implied_nak_seq_err local_ack_timeout_err rx_dct_connect resp_local_length_error
    resp_cqe_error req_cqe_error req_remote_invalid_request req_remote_access_errors
    resp_remote_access_errors resp_cqe_flush_error req_cqe_flush_error roce_adp_retrans
    roce_adp_retrans_to roce_slow_restart roce_slow_restart_cnps roce_slow_restart_trans
    rp_cnp_ignored rp_cnp_handled np_ecn_marked_roce_packets np_cnp_sent
    rx_icrc_encapsulated'
erdma_driver='accept_failed_cnt accept_success_cnt accept_total_cnt cmdq_comp_cnt
    cmdq_cq_armed_cnt cmdq_eq_event_cnt cmdq_eq_notify_cnt cmdq_submitted_cnt
    connect_failed_cnt connect_reset_cnt connect_success_cnt connect_timeout_cnt
    connect_total_cnt erdma_aeq_event_cnt erdma_aeq_notify_cnt hw_bps_limit_drop_cnt
    hw_disable_drop_cnt hw_pps_limit_drop_cnt hw_rx_bps_limit_drop_cnt hw_rx_bytes_cnt
    hw_rx_disable_drop_cnt hw_rx_packets_cnt hw_rx_pps_limit_drop_cnt hw_tx_bytes_cnt
    hw_tx_packets_cnt hw_tx_reqs_cnt listen_create_cnt listen_destroy_cnt
    listen_failed_cnt listen_ipv6_cnt listen_success_cnt reject_cnt reject_failed_cnt
    verbs_alloc_mr_cnt verbs_alloc_mr_failed_cnt verbs_alloc_pd_cnt
    verbs_alloc_pd_failed_cnt verbs_alloc_uctx_cnt verbs_alloc_uctx_failed_cnt
    verbs_create_cq_cnt verbs_create_cq_failed_cnt verbs_destroy_cq_cnt
    verbs_destroy_cq_failed_cnt verbs_create_qp_cnt verbs_create_qp_failed_cnt
    verbs_destroy_qp_cnt verbs_destroy_qp_failed_cnt verbs_dealloc_pd_cnt
    verbs_dealloc_uctx_cnt verbs_dereg_mr_cnt verbs_dereg_mr_failed_cnt
    verbs_get_dma_mr_cnt verbs_get_dma_mr_failed_cnt verbs_reg_usr_mr_cnt
    verbs_reg_usr_mr_failed_cnt'

put() { # file under $device, content
    mkdir -p "$(dirname "$device/$1")"
    printf '%s\n' "$2" > "$device/$1"
}
# The n-th counter of a device is its base + n, so the values of two devices
# never meet; the byte counters get 10^10 more, too much for 32 bits.
counters() { # directory, names...
    local directory=$1 name
    shift
    for name in "$@"; do
        n=$((n + 1))
        case $name in
            port_*_data | hw_*_bytes_cnt) put "ports/1/$directory/$name" $((10000000000 + base + n)) ;;
            *) put "ports/1/$directory/$name" $((base + n)) ;;
        esac
    done
}
begin() { # driver, first counter value - 1, node type, rate, GUID, firmware
    device=$rdma/$1/sys/class/infiniband/${1}_0
    base=$2 n=0
    rm -rf "${rdma:?}/$1"/{sys,netlink}
    put node_type "$3"
    put node_guid "$5"
    put sys_image_guid "$5"
    put fw_ver "$6"
    put node_desc "synthetic $1"
    put ports/1/state '4: ACTIVE'
    put ports/1/phys_state '5: LinkUp'
    put ports/1/link_layer Ethernet
    put ports/1/rate "$4"
    put ports/1/lid 0x0
    # Not a counter but the refresh interval in milliseconds, beside them all the same.
    put ports/1/hw_counters/lifespan 10
}

# The lists are unquoted on purpose: one argument per name.
# shellcheck disable=SC2086
{
    begin mlx5 5000 '1: CA' '25 Gb/sec (1X EDR)' 0200:5eff:fe00:5305 16.35.4030
    counters counters $mlx5_port
    counters hw_counters $mlx5_driver
    # Real hardware has this one too, though it is in neither list.
    counters counters excessive_buffer_overrun_errors

    begin erdma 7000 '4: RNIC' '100 Gb/sec (4X EDR)' 0200:5eff:fe00:5307 0.2.0
    counters hw_counters $erdma_driver
}

python3 - "$rdma" "$mlx5_driver" "$erdma_driver" <<'PY'
import pathlib, struct, sys

rdma = pathlib.Path(sys.argv[1])

# include/uapi/rdma/rdma_netlink.h: commands, then attributes.
GET, PORT_GET, RES_GET, STAT_GET = 1, 5, 9, 17
DEV_INDEX, DEV_NAME, PORT_INDEX, CAP_FLAGS, FW_VERSION, NODE_GUID, SYS_IMAGE_GUID = range(1, 8)
PORT_STATE, PORT_PHYS_STATE, NODE_TYPE, SUMMARY, ENTRY, ENTRY_NAME, ENTRY_CURR = range(12, 19)
NDEV_INDEX, NDEV_NAME, PROTOCOL, DIM = 50, 51, 67, 84
HWCOUNTERS, HWCOUNTER, HWCOUNTER_NAME, HWCOUNTER_VALUE = range(80, 84)
NESTED = 0x8000                       # set by the kernel on some nests only
MULTI, CAPPED = 2, 0x100
ERROR, DONE = 2, 3

def padded(data): return data + bytes(-len(data) % 4)
def attr(kind, data): return padded(struct.pack('<HH', 4 + len(data), kind) + data)
def u8(kind, value): return attr(kind, struct.pack('<B', value))
def u32(kind, value): return attr(kind, struct.pack('<I', value))
def u64(kind, value): return attr(kind, struct.pack('<Q', value))
def text(kind, value): return attr(kind, value.encode() + b'\0')
def message(kind, flags, body):
    return padded(struct.pack('<IHHII', 16 + len(body), kind, flags, 1, 1000) + body)
def reply(command, flags, body): return message(5 << 10 | command, flags, body)
def dump(command, body): return reply(command, MULTI, body) + message(DONE, MULTI, bytes(4))
def acknowledged(command, body):
    request = struct.pack('<IHHII', 32, 5 << 10 | command, 5, 1, 0)
    return reply(command, 0, body) + message(ERROR, CAPPED, struct.pack('<i', 0) + request)

def write(driver, protocol, node_type, netdev, resources, counters):
    name = driver + '_0'
    device = rdma / driver / 'sys/class/infiniband' / name
    guid = int((device / 'node_guid').read_text().replace(':', ''), 16)
    values = device / 'ports/1/hw_counters'
    head = u32(DEV_INDEX, 0) + text(DEV_NAME, name)
    port = head + u32(PORT_INDEX, 1)
    replies = {
        'get': dump(GET, port + u64(CAP_FLAGS, 0x1223c76)
            + text(FW_VERSION, (device / 'fw_ver').read_text().strip())
            + u64(NODE_GUID, guid) + u64(SYS_IMAGE_GUID, guid)
            + u8(NODE_TYPE, node_type) + u8(DIM, 0) + text(PROTOCOL, protocol)),
        'port_get': dump(PORT_GET, port + u8(PORT_STATE, 4) + u8(PORT_PHYS_STATE, 5)
            + u32(NDEV_INDEX, 2) + text(NDEV_NAME, netdev)),
        'res_get': dump(RES_GET, head + attr(SUMMARY, b''.join(
            attr(ENTRY, text(ENTRY_NAME, kind) + u64(ENTRY_CURR, count))
            for kind, count in resources.items()))),
        'stat_get': acknowledged(STAT_GET, port + attr(NESTED | HWCOUNTERS, b''.join(
            attr(NESTED | HWCOUNTER, text(HWCOUNTER_NAME, counter)
                + u64(HWCOUNTER_VALUE, int((values / counter).read_text())))
            for counter in counters))),
    }
    directory = rdma / driver / 'netlink'
    directory.mkdir()
    for command, data in replies.items():
        (directory / (command + '.bin')).write_bytes(data)

write('mlx5', 'roce', 1, 'eth0',
      dict(pd=14, cq=51, qp=38, cm_id=9, mr=72, ctx=6, srq=2), sys.argv[2].split())
write('erdma', 'iw', 4, 'eth1',
      dict(pd=11, cq=23, qp=19, cm_id=5, mr=37, ctx=4, srq=0), sys.argv[3].split())
PY
