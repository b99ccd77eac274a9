// SPDX-License-Identifier: Apache-2.0
public import SkoopModel

/// The TCP sockets of one namespace, counted; IPv4 and IPv6 together.
public struct TCPSockets: Sendable, Hashable {
    /// The namespace.
    public var namespace: NamespaceID
    /// Sockets by state, indexed by the kernel's state number (`include/net/tcp_states.h`, 1 is ESTABLISHED); a request
    /// socket (NEW_SYN_RECV) counts as SYN_RECV, as `/proc/net/tcp` shows it.
    public var states = [UInt64](repeating: 0, count: 13)
    /// Bytes in the send queues of all sockets that do not listen.
    public var transmitQueue: UInt64 = 0
    /// Bytes in the receive queues of all sockets that do not listen.
    public var receiveQueue: UInt64 = 0
    /// Connections waiting in accept queues, over all listening sockets.
    public var acceptQueue: UInt64 = 0
    /// Sum of the accept queues' limits; `nil` where the source does not show them, as procfs does not.
    public var acceptQueueLimit: UInt64?
    /// The fullest accept queue of one socket.
    public var acceptQueueMax: UInt64 = 0

    /// Makes counts of zero.
    public init(namespace: NamespaceID) { self.namespace = namespace }
}
