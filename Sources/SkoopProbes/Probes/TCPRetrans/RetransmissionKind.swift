// SPDX-License-Identifier: Apache-2.0

/// How the loss of what is sent again was found out: `enum skoop_retrans_kind`.
enum RetransmissionKind: UInt32, CaseIterable {
    case syn, synAck, fast, timeout, slowStart, tailProbe, other

    /// What it is called in labels and events.
    var label: String { "\(self)".lowercased() }
}

/// What the kernel makes of a connection's losses: `enum tcp_ca_state` of `include/uapi/linux/tcp.h`.
enum CongestionState: UInt8 {
    case open, disorder, cwr, recovery, loss
}
