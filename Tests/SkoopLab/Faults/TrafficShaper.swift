// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A token bucket filter on the device of one of the lab's hosts; removed when the value goes.
///
/// It delays what is sent faster than its rate and drops what does not fit its queue. Needs CONFIG_NET_SCH_TBF.
public struct TrafficShaper: ~Copyable, Sendable {
    /// What the kernel says about it.
    public struct Statistics: Sendable, Hashable, Decodable {
        /// How many packets have left it.
        public var packets: Int
        /// How many did not fit.
        public var drops: Int
        /// How many wait.
        public var qlen: Int
        /// The bytes that wait.
        public var backlog: Int
    }

    private let host: LabHost
    private let device: String

    /// Puts a filter on what the host sends.
    ///
    /// - Parameters:
    ///   - rate: bytes in a second.
    ///   - burst: bytes that may leave at once; the longest packet must fit.
    ///   - limit: bytes that may wait.
    public init(on host: LabHost, device: String = "eth0", rate: Int, burst: Int = 2000, limit: Int) throws {
        try host.run(
            "tc", "qdisc", "add", "dev", device, "root", "tbf", "rate", "\(rate)bps", "burst", "\(burst)b", "limit",
            "\(limit)b")
        self.host = host
        self.device = device
    }

    /// What the kernel says now.
    public func statistics() throws -> Statistics {
        let text = try host.run("tc", "-s", "-j", "qdisc", "show", "dev", device, "root")
        guard let first = try JSONDecoder().decode([Statistics].self, from: Data(text.utf8)).first else {
            throw LabError("tc shows no qdisc of \(device)")
        }
        return first
    }

    deinit { _ = try? host.run("tc", "qdisc", "del", "dev", device, "root") }
}

extension FaultLab {
    /// Sends a burst of datagrams through a slow queue on the client's device, into which only some of them fit.
    ///
    /// - Returns: what was sent, and how many of it the queue dropped.
    public func overflowQueue(
        _ family: IPFamily, port: UInt16 = 7, count: Int = 50, length: Int = 1000
    ) throws -> DatagramBurst {
        let receiver = try UDPSocket(in: server, family, port: port, receiveBuffer: 1 << 20)
        let sender = try UDPSocket(in: client, family)
        // Whoever asks for a neighbour's address must not meet the queue.
        try sender.send([0], to: receiver.local)
        guard try receiver.receive(within: .seconds(10)) != nil else { throw LabError("a datagram did not arrive") }
        // A second for what fits: slower than any burst is sent.
        let queue = try TrafficShaper(on: client, rate: length * 20, burst: 2 * length, limit: 20 * length)
        let bytes = [UInt8](repeating: 0, count: length)
        for _ in 0..<count { try sender.send(bytes, to: receiver.local) }
        let drops = try queue.statistics().drops
        for _ in 0..<(count - drops) {
            guard try receiver.receive(within: .seconds(10)) != nil else { throw LabError("a datagram did not arrive") }
        }
        return DatagramBurst(
            client: sender.local, server: receiver.local, sent: count, lost: drops, length: length)
    }
}
