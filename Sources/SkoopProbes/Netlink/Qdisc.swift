// SPDX-License-Identifier: Apache-2.0
import SkoopSystem

/// A queueing discipline and its counters.
///
/// Source: `tc_fill_qdisc` in `net/sched/sch_api.c`, `net/core/gen_stats.c`.
struct Qdisc: Sendable, Hashable {
    /// The device's interface number.
    var device: UInt32
    /// Its own number, major in the upper half; 0 for what the kernel attaches by itself.
    var handle: UInt32
    /// Where it is attached: the class of another one, or `TC_H_ROOT`.
    var parent: UInt32
    /// For example `fq_codel`.
    var kind = ""
    var bytes: UInt64 = 0
    /// 64 bits wide where the kernel says so (`TCA_STATS_PKT64`, 5.5 and later).
    var packets: UInt64 = 0
    /// The rest is 32 bits wide in the kernel.
    var drops: UInt32 = 0
    var overlimits: UInt32 = 0
    var requeues: UInt32 = 0
    var length: UInt32 = 0
    var backlog: UInt32 = 0

    /// Whether it is the device's outermost (`TC_H_ROOT`). Its counters contain those of the inner ones: what classes
    /// and leaves of `htb` or the queues of `mq` count, their root counts too. `ingress` and `clsact` are no roots.
    var isRoot: Bool { parent == .max }

    /// Asks for all queueing disciplines of the namespace.
    static var request: NetlinkRequest {
        var request = NetlinkRequest("RTM_GETQDISC", type: 38, isDump: true)
        for _ in 0..<5 { request.append(UInt32(0)) }
        return request
    }

    /// Reads an `RTM_NEWQDISC`; `nil` where the message has another type, no statistics, or is cut off.
    init?(_ message: borrowing NetlinkMessage) {
        guard message.type == 36, let device = message.payload.integer(at: 4, as: UInt32.self),
            let handle = message.payload.integer(at: 8, as: UInt32.self),
            let parent = message.payload.integer(at: 12, as: UInt32.self),
            let attributes = message.attributes(after: 20)
        else { return nil }
        self.device = device
        self.handle = handle
        self.parent = parent
        kind = attributes.first(1)?.payload.zeroTerminatedText ?? ""
        guard readStatistics(attributes) || readOldStatistics(attributes) else { return nil }
    }

    /// `TCA_STATS2`: basic (1) and queue (3) since 2.6, packets in 64 bits (8) only once they exceed 32.
    private mutating func readStatistics(_ attributes: borrowing NetlinkAttributes) -> Bool {
        guard var statistics = attributes.first(7)?.nested else { return false }
        var found = (basic: false, queue: false)
        while let attribute = statistics.next() {
            let payload = attribute.payload
            switch attribute.type {
            case 1:
                guard let bytes = payload.integer(at: 0, as: UInt64.self),
                    let packets = payload.integer(at: 8, as: UInt32.self)
                else { continue }
                self.bytes = bytes
                self.packets = max(self.packets, UInt64(packets))
                found.basic = true
            case 3:
                guard let length = payload.integer(at: 0, as: UInt32.self),
                    let backlog = payload.integer(at: 4, as: UInt32.self),
                    let drops = payload.integer(at: 8, as: UInt32.self),
                    let requeues = payload.integer(at: 12, as: UInt32.self),
                    let overlimits = payload.integer(at: 16, as: UInt32.self)
                else { continue }
                self.length = length
                self.backlog = backlog
                self.drops = drops
                self.requeues = requeues
                self.overlimits = overlimits
                found.queue = true
            case 8:
                if let packets = payload.integer(at: 0, as: UInt64.self) { self.packets = packets }
            default: break
            }
        }
        return found.basic && found.queue
    }

    /// `TCA_STATS`, `struct tc_stats`: without requeues.
    private mutating func readOldStatistics(_ attributes: borrowing NetlinkAttributes) -> Bool {
        guard let payload = attributes.first(3)?.payload, let bytes = payload.integer(at: 0, as: UInt64.self),
            let packets = payload.integer(at: 8, as: UInt32.self),
            let drops = payload.integer(at: 12, as: UInt32.self),
            let overlimits = payload.integer(at: 16, as: UInt32.self),
            let length = payload.integer(at: 28, as: UInt32.self),
            let backlog = payload.integer(at: 32, as: UInt32.self)
        else { return false }
        self.bytes = bytes
        self.packets = UInt64(packets)
        self.drops = drops
        self.overlimits = overlimits
        self.length = length
        self.backlog = backlog
        return true
    }
}
