// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import SkoopSystem
import Synchronization

/// Delays packets of one of the lab's hosts, each by the same time and in their order; removed when the value goes.
///
/// The host's firewall hands the packets to a thread of this process, which lets them go on later. Needs
/// CONFIG_NETFILTER_NETLINK_QUEUE, the NFQUEUE target and Debian's `iptables`. Source: `net/netfilter/nfnetlink_queue.c`.
public struct PacketDelay: ~Copyable, Sendable {
    private let host: LabHost
    private let queue: NetfilterQueue
    private let rule: [String]
    private static let counter = Atomic<Int>(0)

    /// Delays what matches at a hook.
    ///
    /// - Parameters:
    ///   - hook: where.
    ///   - transport: TCP or UDP.
    ///   - port: the one that the packets go to; all of them where it is left out.
    public init(
        on host: LabHost, _ hook: NetfilterRule.Hook, _ family: IPFamily, _ transport: PacketMatch.Transport,
        to port: UInt16? = nil, by delay: Duration
    ) throws {
        let number = UInt16(truncatingIfNeeded: Self.counter.add(1, ordering: .relaxed).newValue)
        let queue = try NetfilterQueue(in: host, number: number, delay: delay)
        var rule = [hook.rawValue.uppercased(), "-p", transport.rawValue]
        if let port { rule += ["--dport", "\(port)"] }
        rule += ["-j", "NFQUEUE", "--queue-num", "\(number)"]
        // The only table that has chains at all hooks.
        rule.insert(contentsOf: [family == .v4 ? "iptables" : "ip6tables", "-t", "mangle"], at: 0)
        try host.run(Array(rule[..<3]) + ["-A"] + rule[3...])
        self.host = host
        self.queue = queue
        self.rule = rule
    }

    /// How many packets it has let go on.
    public var passed: Int { queue.passed.load(ordering: .relaxed) }

    deinit {
        // No new packets before the thread that lets them go is gone.
        _ = try? host.run(Array(rule[..<3]) + ["-D"] + rule[3...])
        queue.stop()
    }
}

/// The listener of a netfilter queue in a thread of its own.
private final class NetfilterQueue: Sendable {
    let passed = Atomic<Int>(0)
    private let socket: LabSocket
    private let number: UInt16
    private let group = DispatchGroup()
    private let isStopped = Atomic<Bool>(false)

    init(in host: LabHost, number: UInt16, delay: Duration) throws {
        let descriptor = try host.inside { () throws(SystemError) in
            try FileDescriptor(socket: AF_NETLINK, CInt(SOCK_RAW.rawValue), protocol: netlinkNetfilter).release()
        }
        socket = LabSocket(owning: descriptor)
        self.number = number
        // linux/netfilter/nfnetlink_queue.h: bind; then copy no payload.
        try send(.configure, attribute: 1, [1, 0, 0, 0])
        try send(.configure, attribute: 2, [0, 0, 0, 0, 1])
        try host.startThread("lab-delay", in: group) { [self] in run(delay) }
    }

    private enum Message: UInt16 {
        case packet = 0x300
        case verdict = 0x301
        case configure = 0x302
    }

    /// Sends a message with one attribute, without asking for an answer.
    private func send(_ type: Message, attribute: UInt16, _ value: [UInt8]) throws(SystemError) {
        var message = NetlinkWriter(type: type.rawValue, flags: 0)
        // Family and version of nfgenmsg, then the queue in network order.
        message.append([0, 0] + number.octets)
        message.append(attribute, value)
        try message.send(by: socket)
    }

    private func run(_ delay: Duration) {
        var waiting: [(id: [UInt8], due: MonotonicTime)] = []
        while !isStopped.load(ordering: .acquiring) || !waiting.isEmpty {
            let now = MonotonicTime.now
            while let first = waiting.first, first.due <= now {
                waiting.removeFirst()
                // NF_ACCEPT.
                if (try? send(.verdict, attribute: 2, [0, 0, 0, 1] + first.id)) != nil {
                    passed.add(1, ordering: .relaxed)
                }
            }
            // Never longer than it may take to see that it is over.
            let pause = waiting.first.map { min($0.due.since(now), .milliseconds(20)) } ?? .milliseconds(20)
            guard let events = try? socket.wait(for: Int32(POLLIN), rounded(up: pause)), events != 0 else { continue }
            waiting += receive().map { ($0, MonotonicTime.now + delay) }
        }
    }

    private func rounded(up pause: Duration) -> Duration { .milliseconds(Int((pause / .milliseconds(1)).rounded(.up))) }

    /// The identifiers of the packets in one message of the kernel.
    private func receive() -> [[UInt8]] {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket.rawValue, &bytes, bytes.count, 0)
        var identifiers: [[UInt8]] = []
        var place = 0
        while place + 20 <= count {
            let (length, type) = bytes.withUnsafeBytes {
                (
                    Int($0.loadUnaligned(fromByteOffset: place, as: UInt32.self)),
                    $0.loadUnaligned(fromByteOffset: place + 4, as: UInt16.self)
                )
            }
            // The packet's header is the first attribute, and its identifier the header's first field.
            if type == Message.packet.rawValue, length >= 28 {
                identifiers.append(Array(bytes[place + 24..<place + 28]))
            }
            guard length >= 16 else { break }
            place += (length + 3) & ~3
        }
        return identifiers
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        group.wait()
    }
}

/// `NETLINK_NETFILTER` of `linux/netlink.h`.
private let netlinkNetfilter: CInt = 12
