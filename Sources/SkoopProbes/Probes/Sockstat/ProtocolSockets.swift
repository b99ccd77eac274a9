// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import SkoopBPFHeaders
internal import SkoopModel
internal import SkoopSystem

/// A socket of each kind that is counted, from which the kernel program learns where the kind's protocol counts.
///
/// Closed when the value goes.
struct ProtocolSockets: ~Copyable {
    /// The descriptors, in the order of `enum skoop_sockstat_value`.
    private(set) var kinds = skoop_sockstat_kinds(descriptors: (-1, -1, -1, -1, -1, -1, -1, -1))

    /// Opens the sockets.
    ///
    /// - Parameter metrics: what the running kernel shows. Only sockets of these are opened: opening one of another could
    ///   load a module, which is not for an observer to do.
    init(_ metrics: Set<SockstatMetric>) throws(SystemError) {
        func socket(
            _ metric: SockstatMetric, _ family: CInt, _ type: __socket_type, _ number: CInt
        ) throws(SystemError) -> CInt {
            guard metrics.contains(metric) else { return -1 }
            return try FileDescriptor(
                socket: family, CInt(type.rawValue), protocol: number, subject: "of \(metric)"
            ).release()
        }
        // IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE, and IPPROTO_RAW, which receives nothing.
        let (tcp, udp, udplite, raw): (CInt, CInt, CInt, CInt) = (6, 17, 136, 255)
        kinds.descriptors.0 = try socket(.tcpInuse, AF_INET, SOCK_STREAM, tcp)
        kinds.descriptors.1 = try socket(.udpInuse, AF_INET, SOCK_DGRAM, udp)
        kinds.descriptors.2 = try socket(.udpliteInuse, AF_INET, SOCK_DGRAM, udplite)
        kinds.descriptors.3 = try socket(.rawInuse, AF_INET, SOCK_RAW, raw)
        kinds.descriptors.4 = try socket(.tcp6Inuse, AF_INET6, SOCK_STREAM, tcp)
        kinds.descriptors.5 = try socket(.udp6Inuse, AF_INET6, SOCK_DGRAM, udp)
        kinds.descriptors.6 = try socket(.udplite6Inuse, AF_INET6, SOCK_DGRAM, udplite)
        kinds.descriptors.7 = try socket(.raw6Inuse, AF_INET6, SOCK_RAW, raw)
    }

    deinit {
        let d = kinds.descriptors
        for descriptor in [d.0, d.1, d.2, d.3, d.4, d.5, d.6, d.7] where descriptor >= 0 { close(descriptor) }
    }
}
