// SPDX-License-Identifier: Apache-2.0

/// The names of TCP's states, whose numbers are the same on every kernel (`include/net/tcp_states.h`).
enum TCPState {
    private static let names = [
        "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK",
        "LISTEN", "CLOSING", "NEW_SYN_RECV", "BOUND_INACTIVE",
    ]

    /// `TCP_ESTABLISHED` for 1; nil for what is none, as 0 is.
    static func name(_ number: UInt32) -> String? {
        guard number > 0, number <= names.count else { return nil }
        return "TCP_" + names[Int(number) - 1]
    }
}
